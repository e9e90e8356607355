"""Options that turn a response into a file."""

from __future__ import annotations

from httpcli.options.option import Flag, Group, Kind

DOWNLOAD = Group(
    "Download",
    (
        Flag(
            "download",
            "Save the body to a file that is whole or not there; the rest goes to stderr.",
            letters="dO",
            more="Without --output the response or the URL names it. Implies --follow, "
            "--check-status and --retry=5; --output=- is standard output.",
        ),
        Flag(
            "continue",
            "Go on with what an earlier --download left; =trust: unproven, too.",
            Kind.OPTIONAL,
            letters="c",
            value="trust",
            more="Bytes are only joined where the server proves that they are of one file; "
            "else it starts over. What another program left is gone on with where "
            "--checksum proves the result, or you vouch for it with =trust.",
        ),
        Flag(
            "overwrite",
            "Replace a file that is there already instead of numbering the new one.",
            instead_of=("skip-existing", "newer"),
        ),
        Flag(
            "skip-existing",
            "Download nothing where the file is there already.",
            instead_of=("overwrite", "newer"),
        ),
        Flag(
            "newer",
            "Download only what is newer on the server than the file that is there.",
            instead_of=("overwrite", "skip-existing"),
        ),
        Flag("remote-time", "Give the file the time of the server's."),
        Flag("create-dirs", "Make the folders that the file goes into."),
        Flag("output-dir", "The folder that the file goes into.", Kind.VALUE, value="FOLDER"),
        Flag(
            "max-size",
            "Give up on a file that is larger: 500k, 20M, 5G.",
            Kind.VALUE,
            value="SIZE",
        ),
        Flag(
            "checksum",
            "What proves the file: ALGORITHM:HEX, or a list like SHA256SUMS by its URL or path.",
            Kind.VALUE,
            value="HOW",
            more="A file that differs is not saved (exit status 13). Without it, what the server "
            "itself promises (Repr-Digest, Content-Digest) is checked.",
        ),
    ),
)
