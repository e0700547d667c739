"""The demo's accounts and their random passwords, in a file that its owner alone reads."""
import json
import os
import secrets

FILE = "demo-accounts.json"


class AccountsError(Exception):
    """The file cannot be used."""


class Accounts:
    """One ledger's demo accounts. The passwords are on disk before anybody signs up with them."""

    def __init__(self, path, document):
        self._path = path
        self._document = document

    @classmethod
    def open(cls, data, ledger_id, people):
        """people: (username, role). A file of another ledger is replaced."""
        path = data / FILE
        document = None
        if path.exists():
            try:
                document = json.loads(path.read_text(encoding="utf-8"))
                known = {one["username"] for one in document["accounts"]}
                is_ours = document["ledger_id"] == ledger_id
            except (ValueError, KeyError, TypeError) as error:
                raise AccountsError(f"{path} is damaged ({error!r}); --fresh begins anew") from error
            if not is_ours:
                document = None
        if document is None:
            document, known = {"ledger_id": ledger_id, "played": False, "accounts": []}, set()
        book = cls(path, document)
        new = [one for one in people if one[0] not in known]
        document["accounts"] += [
            {"username": username, "role": role, "email": f"{username}@example.org",
             "password": secrets.token_hex(8)} for username, role in new]
        if new:
            document["played"] = False
            book._write()
        return book

    @property
    def people(self):
        return self._document["accounts"]

    @property
    def is_played(self):
        return self._document.get("played") is True

    def set_played(self):
        self._document["played"] = True
        self._write()

    def _write(self):
        beside = self._path.with_suffix(".new")
        beside.unlink(missing_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(self._document, file, indent=2)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, self._path)
