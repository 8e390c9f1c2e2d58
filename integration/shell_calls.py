"""A call of the API as commands for a shell."""

import shlex

from django.conf import settings


def curl(*, method: str, target: str, body: str = "", key: str) -> str:
    """Return commands that sign a call and send it; they read the secret from HUOPAN_SECRET."""
    path, _mark, query = target.partition("?")
    # What is printed must not read the percent signs of a path as a format.
    head = shlex.quote(f"{method}\\n{path}\\n{query}\\n".replace("%", "%%"))
    address = settings.PUBLIC_URL.rstrip("/")
    signing = f'printf {head}\'%s\\n%s\\n%s\' "$TS" "$NONCE" "$DIGEST"'
    lines = [
        f"KEY={key}",
        f"BODY={shlex.quote(body)}",
        "TS=$(date +%s); NONCE=$(openssl rand -hex 16)",
        "DIGEST=$(printf '%s' \"$BODY\" | openssl dgst -sha256 -r | cut -d' ' -f1)",
        f"SIGN=$({signing} | openssl dgst -sha256 -hmac \"$HUOPAN_SECRET\" -r | cut -d' ' -f1)",
        f"curl -X {method} {address}{shlex.quote(target)} \\",
        '  -H "Huopan-Key: $KEY" -H "Huopan-Timestamp: $TS" \\',
        '  -H "Huopan-Nonce: $NONCE" -H "Huopan-Signature: v1=$SIGN" \\',
    ]
    if body:
        lines += ["  -H 'Content-Type: application/json' --data-binary \"$BODY\""]
    else:
        lines[-1] = lines[-1].removesuffix(" \\")
    return "\n".join(lines)
