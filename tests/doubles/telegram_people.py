"""People at the other end of the Telegram double: what they say, tap, see and refuse."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.telegram_server import BotApi


@dataclass(slots=True)
class Heard:
    """One message of the bot's in a chat."""

    number: int
    date: int
    text: str
    markup: dict[str, Any] = field(default_factory=dict)
    protected: bool = False
    others: dict[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> list[list[dict[str, Any]]]:
        """The buttons below it."""
        return list(self.markup.get("inline_keyboard", []))

    @property
    def labels(self) -> list[str]:
        """What stands on the buttons, in reading order."""
        return [button["text"] for row in self.rows for button in row]

    def as_json(self, sender: dict[str, Any], chat: dict[str, Any]) -> dict[str, Any]:
        """The message as the API writes it."""
        message: dict[str, Any] = {
            "message_id": self.number,
            "from": sender,
            "chat": chat,
            "date": self.date,
            "text": self.text,
        }
        if self.markup:
            message["reply_markup"] = self.markup
        if self.protected:
            message["has_protected_content"] = True
        return message


class Person:
    """Somebody in a private chat with the bot. Everything said becomes an update."""

    def __init__(self, server: "BotApi", chat: int, name: str) -> None:
        self.chat = chat
        self.name = name
        self.messages: list[Heard] = []
        self.own: dict[int, int] = {}  # message id -> date
        self.wrote = False
        self.blocked = False
        self.deactivated = False
        self._server = server

    @property
    def heard(self) -> list[str]:
        """The bot's messages that are still there, as text."""
        return [each.text for each in self.messages]

    def say(self, text: str) -> int:
        """Write a message; the id of its update."""
        return self.send(text=text)

    def send(self, **content: Any) -> int:
        """Send a message of any kind: `contact={...}`, `photo=[...]`; the id of its update."""
        self.wrote = True
        message = self._server.new_message(self, **content)
        self.own[message["message_id"]] = message["date"]
        return self._server.push("message", message)

    def edit(self, text: str) -> int:
        """Change the last message."""
        number = max(self.own)
        message = self._server.new_message(self, text=text) | {"message_id": number}
        return self._server.push("edited_message", message | {"edit_date": self._server.now()})

    def share_contact(self, phone: str, name: str = "Canary") -> int:
        """Send a contact card."""
        return self.send(contact={"phone_number": phone, "first_name": name, "user_id": self.chat})

    def share_location(self, latitude: float, longitude: float) -> int:
        """Send a place."""
        return self.send(location={"latitude": latitude, "longitude": longitude})

    def send_photo(self, caption: str = "") -> int:
        """Send a picture."""
        size = {"file_id": "canary-file", "file_unique_id": "canary-unique", "width": 90, "height": 90}
        return self.send(photo=[size], **({"caption": caption} if caption else {}))

    def tap(self, wanted: str) -> int:
        """Tap the button that has or begins with this label, on the newest message that has one."""
        for heard in reversed(self.messages):
            for row in heard.rows:
                for button in row:
                    label = button["text"].strip("\u200f")
                    if label == wanted or label.startswith(f"{wanted} ") or label.endswith(f" {wanted}"):
                        return self.tap_payload(button["callback_data"], heard)
        raise AssertionError(f"no button {wanted!r} among {[each.labels for each in self.messages]}")

    def tap_payload(self, payload: str, on: Heard | None = None) -> int:
        """Send a tap with this payload, as an old keyboard could."""
        heard = on or self.messages[-1]
        return self._server.push("callback_query", self._server.new_query(self, heard, payload))

    def block(self) -> int:
        """Block the bot."""
        self.blocked = True
        return self._server.push("my_chat_member", self._membership("member", "kicked"))

    def unblock(self) -> int:
        """Let the bot in again."""
        self.blocked = False
        return self._server.push("my_chat_member", self._membership("kicked", "member"))

    def find(self, number: int) -> Heard | None:
        """The bot's message with this id, while it is there."""
        return next((each for each in self.messages if each.number == number), None)

    def dated(self, number: int) -> int | None:
        """When a message in this chat was written, by either side."""
        heard = self.find(number)
        return heard.date if heard else self.own.get(number)

    def remove(self, number: int) -> None:
        """Delete for both sides."""
        self.messages = [each for each in self.messages if each.number != number]
        self.own.pop(number, None)

    def user(self) -> dict[str, Any]:
        """The person as the API writes them."""
        return {
            "id": self.chat,
            "is_bot": False,
            "first_name": self.name,
            "last_name": "Canary",
            "username": f"canary_{self.chat}",
            "language_code": "en",
        }

    def private_chat(self) -> dict[str, Any]:
        """The chat as the API writes it."""
        user = self.user()
        return {"id": self.chat, "type": "private"} | {
            name: user[name] for name in ("first_name", "last_name", "username")
        }

    def _membership(self, before: str, after: str) -> dict[str, Any]:
        return {
            "chat": self.private_chat(),
            "from": self.user(),
            "date": self._server.now(),
            "old_chat_member": self._standing(before),
            "new_chat_member": self._standing(after),
        }

    def _standing(self, status: str) -> dict[str, Any]:
        standing = {"user": self._server.bot(), "status": status}
        return standing | {"until_date": 0} if status == "kicked" else standing
