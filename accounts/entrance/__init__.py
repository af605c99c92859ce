"""Coming in: by password, link, passkey or a provider, past the second factor, through django-allauth (docs/sign-in.md).

Only the parts of allauth that are used have an address here, and each of them is named in `accounts.entrance.urls`.
"""
