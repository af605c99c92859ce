"""The form of a provider: a key goes to the place for which it was entered, and no one asks with what is another's."""

import urllib.parse
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminPasswordWidget

from accounts.operators.base import PlacedForm
from accounts.people import directory
from chat.models import ModelProvider
from chat.models.providers import NEEDS_KEY
from chat.providers.known import registry

ADDRESS_OF_OWNER = "Only the owner of this Galaxy can enter an address. Leave it empty, or ask them."
KIND_OF_OWNER = "Only the owner of this Galaxy can choose this kind: it uses this machine, or its role in a cloud. Ask them."
NO_PORT = "This is not an address that can be called: look at its host and its port."
ELSEWHERE = "Enter the key again: the stored one was entered for another place. Where none is asked for, any word will do."
MISSING = "Enter a key. Without one it would be asked with this machine's own, which are for models in llms.yml."
BROKEN = "A key is one line without control characters. Copy it again."


class ProviderForm(PlacedForm):
    """Form of a provider. An empty key keeps the stored one."""

    secret_key = forms.CharField(
        label="Key",
        required=False,
        max_length=4000,
        widget=UnfoldAdminPasswordWidget({"autocomplete": "off"}),
        help_text="Kept encrypted. Leave it empty to keep the stored one, or if the server asks for none.",
    )

    class Meta:
        model = ModelProvider
        fields = ("name", "kind", "base_url", "enabled")

    def clean_base_url(self) -> str:
        """Take an address from the owner of the installation alone: it may lead into the network that Galaxy stands in."""
        address: str = self.cleaned_data["base_url"].strip().rstrip("/")
        if address and address != self.instance.base_url and not directory.is_owner(self.operator):
            raise forms.ValidationError(ADDRESS_OF_OWNER)
        if not _can_be_called(address):
            raise forms.ValidationError(NO_PORT)
        return address

    def clean_secret_key(self) -> str:
        """Take a key that can stand in a header."""
        key: str = self.cleaned_data["secret_key"].strip()
        if not key.isprintable():
            raise forms.ValidationError(BROKEN)
        return key

    def clean(self) -> dict[str, Any]:
        """Check the place and the key together."""
        given = super().clean() or {}
        if {"kind", "base_url", "secret_key"} <= given.keys():
            place = (given["kind"], given["base_url"])
            is_new: bool = self.instance._state.adding  # noqa: SLF001  Django has no other word for it
            if is_new or place != (self.instance.kind, self.instance.base_url):
                self._check_place(*place)
            self._check_key(place, given["secret_key"])
        return given

    def _check_place(self, kind: str, base_url: str) -> None:
        """Take what is asked as this machine, or on it, from the owner of the installation alone."""
        is_own = kind == "vertex_ai" or (kind in registry.OWN_MACHINES and not base_url)
        if is_own and not directory.is_owner(self.operator):
            self.add_error("kind", KIND_OF_OWNER)

    def _check_key(self, place: tuple[str, str], key: str) -> None:
        """Ask for a key where there must be one, and where the stored one is another place's."""
        if key:
            return
        if self.instance.secret_id and place != (self.instance.kind, self.instance.base_url):
            self.add_error("secret_key", ELSEWHERE)
        elif place[0] in NEEDS_KEY and not self.instance.secret_id:
            self.add_error("secret_key", MISSING)


def _can_be_called(address: str) -> bool:
    """Tell whether the address can be taken apart; whether it is one at all, the model says."""
    try:
        return urllib.parse.urlsplit(address).port != 0
    except ValueError:
        return False
