"""Checks DKIM signatures, in the letter of RFC 6376 §3.4 and §6.1 (relaxed/relaxed only): nothing of ours is used."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ed25519, padding


def relaxed_body(body: bytes) -> bytes:
    """§3.4.4."""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)


def relaxed_header(raw: bytes) -> bytes:
    """§3.4.2, with its line end."""
    name, _, value = raw.partition(b":")
    value = re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b""))
    return name.strip().lower() + b":" + value.strip() + b"\r\n"


def tags(value: bytes) -> dict[str, str]:
    pairs = (one.partition("=") for one in value.decode().split(";") if one.strip())
    return {name.strip(): re.sub(r"\s+", "", text) for name, _, text in pairs}


def verifies(message: bytes, key: Any) -> bool:
    """Whether the first signature of a message is right. :param key: public."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = re.findall(rb"(?:^|(?<=\r\n))[^\s:]+[ \t]*:(?:[^\r]|\r\n[ \t])*\r\n", head + b"\r\n")
    signature = next(one for one in fields if one.lower().startswith(b"dkim-signature"))
    said = tags(signature.partition(b":")[2])
    if base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode() != said["bh"]:
        return False
    left = list(fields)
    signed = b""
    for name in said["h"].lower().split(":"):
        found = [at for at, one in enumerate(left) if one.partition(b":")[0].strip().lower() == name.encode()]
        if found:  # from the bottom up (§5.4.2); one that is not there counts as nothing
            signed += relaxed_header(left.pop(found[-1]))
    without = re.sub(rb"(;\s*b\s*=)[^;]*", rb"\1", signature.removesuffix(b"\r\n"))
    signed += relaxed_header(without).removesuffix(b"\r\n")
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(base64.b64decode(said["b"]), hashlib.sha256(signed).digest())
        else:
            key.verify(base64.b64decode(said["b"]), signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True
