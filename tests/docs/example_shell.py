"""A home directory and a shell that run the documents' examples."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.docs.catch_all_server import Ports
from tests.support.certificates import CertificateAuthority
from tests.support.environment import ROOT, child_environment
from tests.support.other_programs import require_program

HOSTS = ("example.org", "*.example.org", "example.com", "*.example.com", "localhost", "127.0.0.1")


class ExampleShell:
    """A home directory whose programs connect to one server for every host name."""

    def __init__(self, home: Path, authority: CertificateAuthority, ports: Ports) -> None:
        self.home = home
        programs = home / "bin"
        programs.mkdir()
        for name in ("httpcli", "hc"):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {sys.executable} -m httpcli "$@"\n')
            program.chmod(0o755)
        settings = home / "config"
        settings.mkdir()
        targets = [f":443:127.0.0.1:{ports.secure}", f"::127.0.0.1:{ports.plain}"]
        options = [f"--connect-to={target}" for target in targets]
        (settings / "config.json").write_text(json.dumps({"default_options": options}))
        path = f"{programs}:{child_environment()['PATH']}"
        self.env = child_environment(
            {
                "PATH": path,
                "HOME": str(home),
                "HTTPCLI_CONFIG_DIR": str(settings),
                "SSL_CERT_FILE": str(authority.file),
            }
        )

    def run(
        self,
        script: str,
        folder: Path,
        shell: tuple[str, ...] = ("bash",),
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a script in a folder that contains the README."""
        shutil.copy(ROOT / "README.md", folder)
        return subprocess.run(
            [require_program(shell[0]), *shell[1:], "-c", script],
            cwd=folder,
            env={**self.env, **(env or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
