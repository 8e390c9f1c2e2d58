"""Mails to companies that applied, in their language. Doors send them after the act has committed."""

from django.core.mail import send_mail
from django.utils import translation
from django.utils.translation import gettext as _

from companies.applications import ApplicationState, CompanyApplication


def received(application: CompanyApplication, *, link: str) -> None:
    """Tell an applicant that its application is here, and where it stands."""
    with translation.override(application.language):
        _send(
            application,
            _("Your application {number} is here"),
            _(
                "Thank you. We look at the application of {company} and write to you.\n\n"
                "This link shows how far it has come. Keep it to yourself:\n\n{link}\n"
            ),
            link,
        )


def decided(application: CompanyApplication, *, link: str) -> None:
    """Tell an applicant what was decided; of one that is approved the link is its invitation."""
    with translation.override(application.language):
        subject, text = _of_state(application.state)
        _send(application, subject, text, link)


def _of_state(state: str) -> tuple[str, str]:
    return {
        ApplicationState.SENT_BACK.value: (
            _("Please correct your application {number}"),
            _("About the application of {company}:\n\n{note}\n\nCorrect it here:\n\n{link}\n"),
        ),
        ApplicationState.REJECTED.value: (
            _("Your application {number} was declined"),
            _("We cannot open {company} as a {sought}:\n\n{note}\n\n{link}\n"),
        ),
        ApplicationState.APPROVED.value: (
            _("{company} is a {sought} now"),
            _("Welcome. {company} is open. Come in here:\n\n{link}\n"),
        ),
    }[state]


def _send(application: CompanyApplication, subject: str, text: str, link: str) -> None:
    values = {
        "number": application.application_no,
        "company": application.company_name,
        "note": application.note,
        "sought": str(application.SOUGHT),
        "link": link,
    }
    send_mail(
        subject.format_map(values),
        text.format_map(values),
        None,
        [application.email],
        # The page shows it, too; a mail server that is away must not undo what was decided.
        fail_silently=True,
    )
