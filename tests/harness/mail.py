"""A post office on this machine: takes what is sent by SMTP, and can be told to refuse."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests.harness.web import free_port


class PostOffice:
    """`url` for MOVILAB_SMTP_URL, `messages` in order of arrival, `refuse(n)` for the next n."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusals: list[str] = []
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)
        self.controller.start()

    def refuse(self, times: int = 1, answer: str = "451 try again later") -> None:
        self.refusals += [answer] * times

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        if self.refusals:
            return self.refusals.pop(0)
        self.messages.append(cast(EmailMessage, message_from_bytes(envelope.content, policy=modern)))
        return "250 taken"

    def stop(self) -> None:
        self.controller.stop()
