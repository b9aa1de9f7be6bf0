"""Who does something: a person of the network, a visitor, an import, the house itself."""

from __future__ import annotations

import enum
import ipaddress
from dataclasses import dataclass
from uuid import UUID


class Side(enum.StrEnum):
    """In whose name something is done; this, not the person's name, is what a public page may say."""

    PLACE = "lieu"
    COORDINATION = "coordination"
    SITE = "administration"
    PERSON = "personne"
    VISITOR = "visiteur"
    IMPORT = "import"
    SYSTEM = "systeme"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. :param person_id: None for visitors, imports and jobs. :param network: see :func:`network_prefix`."""

    side: Side
    person_id: UUID | None = None
    network: str = ""


SYSTEM = Actor(Side.SYSTEM)
IMPORT = Actor(Side.IMPORT)


def network_prefix(address: str | None) -> str:
    """The network of an address, never the address: /24 of IPv4, /48 of IPv6 (a usual allotment of one household).

    :return: "" for what is not an address.
    """
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return str(ipaddress.ip_network(f"{ip}/{24 if ip.version == 4 else 48}", strict=False))
