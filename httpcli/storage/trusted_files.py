"""Refuses files of settings and secrets that another user could have written.

Such a file could add options, cookies or credentials to every request. Two rules:

- Files that the program finds without a typed path (settings, named sessions, plugins, netrc):
  the file, every folder above it and every symbolic link on the way must belong to this user or
  to root, and no other user may write to them. A folder with the sticky bit, such as ``/tmp``,
  may be writable by all: there only the owner of a file can replace it.
- Files whose path the user typed (``--session ./FILE``, ``--cookie-jar``): the file must not be
  writable by anybody. Owners and folders do not matter, because the user chose the file: teams
  share folders, and containers run as root in the workspace of another user.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from httpcli.core.errors import UsageError

_MAX_LINKS = 40
_ALL_USER_IDS = 0xFFFF_FFFF


def refuse_if_others_can_write(path: str) -> None:
    """Raise UsageError if another user could have written the file, which was not typed.

    A file that does not exist is refused if others could create it.
    """
    try:
        for part, status in _parts(os.path.abspath(path)):
            if _is_foreign(status):
                reason = f"{part}: belongs to another user (id {status.st_uid})"
                raise _error(path, part, reason, is_foreign=True)
            writer = _writer(status)
            if writer:
                raise _error(path, part, f"{part}: {writer} can write to it")
    except (OSError, ValueError):
        return


def refuse_if_anybody_can_write(path: str) -> None:
    """Raise UsageError if the file, whose path the user typed, is writable by all users."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return
    if stat.S_ISREG(mode) and mode & stat.S_IWOTH:
        raise _error(path, path, f"{path}: other users can write to it")


def _parts(path: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the folders above a file, the symbolic links on the way, and the file."""
    current = "/"
    yield current, os.lstat(current)
    names = path.split("/")[::-1]
    links = 0
    while names:
        name = names.pop()
        if name in ("", "."):
            continue
        if name == "..":
            current = os.path.dirname(current)
            continue
        part = os.path.join(current, name)
        status = os.lstat(part)
        yield part, status
        if not stat.S_ISLNK(status.st_mode):
            current = part
            continue
        links += 1
        if links > _MAX_LINKS:
            return
        target = os.readlink(part)
        names += target.split("/")[::-1]
        if target.startswith("/"):
            current = "/"


def _is_foreign(status: os.stat_result) -> bool:
    return status.st_uid not in (0, os.geteuid()) and not _is_unmapped(status.st_uid)


def _writer(status: os.stat_result) -> str:
    """Return which other users may write to a file or folder; empty for none."""
    mode = status.st_mode
    if stat.S_ISLNK(mode) or (stat.S_ISDIR(mode) and mode & stat.S_ISVTX):
        return ""
    if mode & stat.S_IWOTH:
        return "other users"
    if mode & stat.S_IWGRP and not _is_private_group(status.st_gid):
        return "its group"
    return ""


def _error(path: str, part: str, reason: str, *, is_foreign: bool = False) -> UsageError:
    from httpcli.core.shell import quote_word

    if is_foreign:
        hint = f"use a copy of your own: {quote_word(path)} is not used"
    elif os.path.isdir(part):
        hint = f"chmod go-w {quote_word(part)}"
    else:
        hint = f"chmod 600 {quote_word(part)}"
    return UsageError(reason if part == path else f"{reason}, so {path} is not used", hint=hint)


def _is_private_group(group: int) -> bool:
    """Return whether this user is the only member of a group, as with umask 002 on Debian."""
    if group != os.getegid():
        return False
    from grp import getgrgid
    from pwd import getpwuid

    try:
        return set(getgrgid(group).gr_mem) <= {getpwuid(os.geteuid()).pw_name}
    except KeyError:  # a container may run under ids without names
        return True


def _is_unmapped(user: int) -> bool:
    """Return whether the id stands for users outside of this user namespace, as root may be."""
    try:
        with open("/proc/sys/kernel/overflowuid", "rb") as file:
            overflow = int(file.read())
        with open("/proc/self/uid_map", "rb") as file:
            mapped = sum(int(line.split()[2]) for line in file)
    except (OSError, ValueError, IndexError):
        return False
    return user == overflow and mapped < _ALL_USER_IDS
