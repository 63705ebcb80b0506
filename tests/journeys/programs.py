"""What somebody's program asks of the house, and what it is answered."""

from typing import Any

from flask.testing import FlaskClient

from tests import factories


class Program:
    """Of one neighbour, who let it in. Whatever is refused fails the test, with what was said."""

    def __init__(self, client: FlaskClient, name: str = "", *, who: Any = None) -> None:
        self.client = client
        self.who = who or factories.resident(name)
        self.log_in()

    def log_in(self) -> None:
        self.headers = factories.bearer(self.who)

    def asks(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What is answered, whatever it is."""
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=self.headers | headers)

    def get(self, path: str) -> Any:
        return self._told("GET", path)

    def post(self, path: str, **body: Any) -> Any:
        return self._told("POST", path, body)

    def put(self, path: str, **body: Any) -> Any:
        return self._told("PUT", path, body)

    def _told(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.asks(method, path, body)
        assert answer.status_code in (200, 201), answer.get_json()
        return answer.get_json()
