"""Where a tracked link may lead: https, a public name, no other redirect behind it, and always the same place.

Names are checked in every form that browsers understand (0x7f000001, 2130706433, ::ffff:127.0.0.1 …). Failure mode: a
name may lead elsewhere later; `look` asks the destination again from time to time, through the guarded client.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.errors import InvalidInput

UTM_NAMES = ("source", "medium", "campaign", "content", "term")
LONGEST = 1500
_PRIVATE_NAMES = re.compile(r"(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|arpa|test|invalid|onion)$")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Services whose addresses are redirects themselves: what they lead to may change without us.
SHORTENERS = frozenset(
    "bit.ly t.co tinyurl.com goo.gl ow.ly is.gd buff.ly rebrand.ly cutt.ly t.ly lnkd.in amzn.to rb.gy shorturl.at s.id"
    " linktr.ee dub.sh dub.co short.io bl.ink tiny.cc v.gd qr.ae shor.by".split()
)


def read_destination(text: str, *, resolve: bool = True) -> str:
    """The address in its one written form. resolve: ask the DNS, and refuse names that lead to private networks.

    Raises InvalidInput with the field `destination`.
    """
    try:
        return _checked(text, resolve)
    except Refused as refusal:
        raise InvalidInput(fields={"destination": [refusal.sentence]}, code=refusal.code) from None


class Refused(Exception):
    """code: not_https, malformed, credentials, port, private, chain, unknown_host."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


def _checked(text: str, resolve: bool) -> str:
    if len(text) > LONGEST:
        raise Refused("malformed", _("At most %(n)s characters.") % {"n": LONGEST})
    if re.search(r"[\x00-\x20\x7f-\x9f\\]", text):
        raise Refused("malformed", _("An address has no blanks, control characters or backslashes."))
    try:
        parts = urlsplit(text)
        port = parts.port
        host = (parts.hostname or "").rstrip(".")
    except ValueError:
        raise Refused("malformed", _("This is not an address.")) from None
    if parts.scheme.lower() != "https":
        raise Refused("not_https", _("The address must begin with https://."))
    if "@" in parts.netloc:
        raise Refused("credentials", _("An address with a name or password before @ is refused."))
    if port not in (None, 443):
        raise Refused("port", _("Only the usual port of https is allowed."))
    name = _public_name(host)
    if name in _own_hosts() or name.removeprefix("www.") in SHORTENERS:
        raise Refused(
            "chain", _("This address is a redirect itself. Give the page where people shall arrive in the end.")
        )
    if resolve:
        _resolve(name)
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="=&%:@!$'()*+,;/?~-._")
    return urlunsplit(("https", name, path, query, quote(parts.fragment, safe="=&%:@!$'()*+,;/?~-._")))


def _public_name(host: str) -> str:
    """The host as ASCII, refused when it is a number in any spelling or a name of private networks."""
    private = Refused("private", _("This address is not on the public internet."))
    if not host:
        raise Refused("malformed", _("This is not an address."))
    if is_number(host):
        raise private
    try:
        name = unicodedata.normalize("NFKC", host).lower().encode("idna").decode()
    except UnicodeError:
        raise Refused("malformed", _("This is not an address.")) from None
    if is_number(name) or _PRIVATE_NAMES.search(name) or "." not in name:
        raise private
    if not all(_LABEL.fullmatch(label) for label in name.split(".")) or len(name) > 253:
        raise Refused("malformed", _("This is not an address."))
    return name


def is_number(host: str) -> bool:
    """Whether a browser would read this host as an IP address: dotted, whole, hexadecimal, octal, IPv6."""
    try:
        ipaddress.ip_address(host.strip("[]").split("%")[0])
        return True
    except ValueError:
        pass
    # The WHATWG rule: a name whose last label is a number is an IPv4 address, however it is spelled.
    last = host.rstrip(".").rsplit(".", 1)[-1].lower()
    return bool(re.fullmatch(r"\d+|0x[0-9a-f]*", last))


def _own_hosts() -> set[str]:
    """The host of our links always, the whole site's too: a link to a link could be led anywhere."""
    return {urlsplit(url).hostname or "" for url in (settings.LINK_BASE_URL, settings.BASE_URL)}


def _resolve(name: str) -> None:
    try:
        found = {row[4][0] for row in socket.getaddrinfo(name, 443, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        raise Refused(
            "unknown_host", _("The name %(name)s is not known. Is it spelled right?") % {"name": name}
        ) from None
    if not all(is_public(str(address)) for address in found):
        raise Refused("private", _("This address is not on the public internet."))


def is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast


def with_utm(destination: str, utm: Mapping[str, str]) -> str:
    """The destination with these utm_ parameters in place of any it had."""
    parts = urlsplit(destination)
    kept = [
        (name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if not name.startswith("utm_")
    ]
    # What was there stays as it is written unless a utm_ parameter has to give way.
    plain = urlencode(kept) if len(kept) != parts.query.count("&") + bool(parts.query) else parts.query
    added = urlencode([(f"utm_{name}", utm[name]) for name in UTM_NAMES if utm.get(name)])
    return urlunsplit((*parts[:3], "&".join(filter(None, (plain, added))), parts.fragment))


def look(destination: str) -> str:
    """Asks the destination once, without following: "" fine, else private, unknown_host, chain, gone, unreachable.

    A redirect to another path of the same site is fine; one to another site is a chain.
    """
    import requests
    from requests_hardened import Config, Manager

    try:
        _checked(destination, resolve=True)
    except Refused as refusal:
        return refusal.code
    client = Manager(Config(True, False, True, (4.0, 6.0), "Resonance link check"))
    try:
        answer = client.send_request("GET", destination, stream=True)
        answer.close()
    except requests.RequestException as error:
        return "private" if "IP" in type(error).__name__ else "unreachable"
    if answer.status_code in (404, 410):
        return "gone"
    if 300 <= answer.status_code < 400:
        other = urlsplit(answer.headers.get("Location", "")).hostname
        own = urlsplit(destination).hostname or ""
        if other and other.removeprefix("www.") != own.removeprefix("www."):
            return "chain"
    return "unreachable" if answer.status_code >= 500 else ""
