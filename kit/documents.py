"""Documents that people upload, a PDF or a picture: told by their content, under a harmless name."""

MAX_NAME = 80
PDF, PICTURE = ".pdf", ".jpg"
TYPES = {PDF: "application/pdf", PICTURE: "image/jpeg"}
# A PDF says so at its beginning, and ends within its last bytes.
PDF_BEGINS, PDF_ENDS, TAIL = b"%PDF-", b"%%EOF", 1_024


def is_pdf(content: bytes) -> bool:
    """Tell whether a file says that it is a PDF."""
    return content.startswith(PDF_BEGINS)


def is_whole_pdf(content: bytes) -> bool:
    """Tell whether a PDF is there to its end."""
    return PDF_ENDS in content[-TAIL:]


def type_of(file: str) -> str:
    """Return the content type of a stored document."""
    return TYPES[PDF if file.endswith(PDF) else PICTURE]


def named(name: str, suffix: str, *, otherwise: str) -> str:
    """Return what a file is called when it is downloaded: what its owner calls it, made harmless."""
    stem = name.rpartition(".")[0] or name
    kept = "".join(letter for letter in stem if letter.isalnum() or letter in " -_()（）").strip()
    return (kept[:MAX_NAME] or otherwise) + suffix
