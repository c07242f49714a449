"""Whatever headers somebody sends, through a real nginx before the real server and straight to it: nobody gets in from
an address that the store's list has not, and nobody is kept out at one that it has."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import pytest

from tests.servers import READY, ROOT, astro, environment, free_port

pytestmark = pytest.mark.once

SHOP, HOTEL = "127.0.0.9", "127.0.0.7"
"""Both are this machine; a client says from which of its addresses it comes."""

PAGE = "/checkout/catalogue.json"


def forms(address: str) -> dict[str, list[str]]:
    """Header lines by which somebody says that they come from an address, or that break what is read of it."""
    return {
        "nothing": [],
        "a spoofed left entry": [f"X-Forwarded-For: {address}"],
        "several entries": [f"X-Forwarded-For: {address}, {address}, {address}"],
        "several lines": [f"X-Forwarded-For: {address}", f"X-Forwarded-For: {address}"],
        "small letters and twice": [f"X-Forwarded-For: {address}", f"x-forwarded-for: {address}"],
        "empty": ["X-Forwarded-For:"],
        "empty entries": [f"X-Forwarded-For: ,,{address},,"],
        "garbage": ["X-Forwarded-For: ', \"; <script>"],
        "a long list": ["X-Forwarded-For: " + ", ".join([address] * 200)],
        "IPv4 dressed as IPv6": [f"X-Forwarded-For: ::ffff:{address}"],
        "with a port": [f"X-Forwarded-For: {address}:443"],
        "IPv6 in brackets": [f"X-Forwarded-For: [::ffff:{address}]:443"],
        "with a zone": [f"X-Forwarded-For: ::ffff:{address}%lo"],
        "spaces and tabs": [f"X-Forwarded-For: \t {address} \t"],
        "underscores": [f"X_Forwarded_For: {address}"],
        "underscores in part": [f"X-Forwarded_For: {address}", f"X-FORWARDED-FOR: {address}"],
        "Forwarded": [f"Forwarded: for={address};by={address};proto=https"],
        "X-Real-IP": [f"X-Real-IP: {address}"],
        "True-Client-IP": [f"True-Client-IP: {address}"],
        "CF-Connecting-IP": [f"CF-Connecting-IP: {address}"],
        "X-Client-IP": [f"X-Client-IP: {address}", f"Client-IP: {address}", f"X-Cluster-Client-IP: {address}"],
        "X-Forwarded": [f"X-Forwarded: for={address}", f"Forwarded-For: {address}"],
        "Via": [f"Via: 1.1 {address}"],
        "Remote-Addr": [f"Remote-Addr: {address}", f"Remote_Addr: {address}"],
        "hop by hop": ["Connection: X-Forwarded-For, close", f"X-Forwarded-For: {address}"],
    }


def ask(port: int, *, session: str, comes_from: str, lines: list[str]) -> int:
    """The status of the answer; the lines go out as they are. The host is one that Astro knows."""
    own = [] if any(line.startswith("Connection:") for line in lines) else ["Connection: close"]
    head = [f"GET {PAGE} HTTP/1.1", "Host: localhost", "Accept: application/json", f"Cookie: astro_session={session}"]
    with socket.create_connection(("127.0.0.1", port), timeout=READY, source_address=(comes_from, 0)) as asked:
        asked.sendall("\r\n".join([*head, *own, *lines, "", ""]).encode())
        answer = http.client.HTTPResponse(asked)
        answer.begin()
        return answer.status


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline, pause = monotonic() + READY, Event()
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            assert process.poll() is None, f"{process.args} ended by itself."
            assert monotonic() < deadline, f"{process.args} does not answer."
            pause.wait(0.05)
        else:
            return


@dataclass(frozen=True)
class Ways:
    """The ports: nginx as recommended, one that appends, two in a row where Astro counts one, and Astro itself, which
    believes no header there."""

    session: str
    recommended: int
    appending: int
    two_in_a_row: int
    direct: int


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ways]:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not installed. On Debian or Ubuntu: sudo apt install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    env = environment(folder, f"sqlite:///{folder / 'astro.sqlite3'}")
    astro(env, "astro", "migrate", "--verbosity", "0")
    session = astro(env, "tests.accounts.restricted_shop", SHOP)
    behind, direct, recommended, appending, two = (free_port() for _ in range(5))
    config = folder / "nginx.conf"
    config.write_text(configuration(folder, behind=behind, ports=(recommended, appending, two)))
    commands = {
        behind: ([*granian(behind)], {**env, "ASTRO_PROXIES": "1"}),
        direct: ([*granian(direct)], {**env, "ASTRO_PROXIES": "0"}),
        recommended: ([nginx, "-c", str(config), "-e", str(folder / "errors.log")], env),
    }
    started = []
    try:
        for command, known in commands.values():
            started.append(
                subprocess.Popen(command, cwd=ROOT, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
        for port, process in zip(commands, started, strict=True):
            wait_for(port, process)
        yield Ways(session, recommended, appending, two, direct)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=READY)


def granian(port: int) -> list[str]:
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--no-log"]
    return [*server, "--host", "127.0.0.1", "--port", str(port), "astro.project.wsgi:application"]


def configuration(folder: Path, *, behind: int, ports: tuple[int, int, int]) -> str:
    """deploy/nginx.conf, without what a certificate is needed for, on free ports; and what others may have instead."""
    recommended, appending, two = ports
    given = (ROOT / "deploy" / "nginx.conf").read_text()
    main = given[given.index("listen 443 ssl") :]
    main = "server {\n" + re.sub(r"^\s*(ssl_|http2|listen).*\n", "", f"    {main}", flags=re.MULTILINE)
    assert "X-Forwarded-For $remote_addr;" in main

    def server(port: int, text: str) -> str:
        listening = text.replace("server {", f"server {{\n    listen 127.0.0.1:{port};", 1)
        return listening.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{behind}")

    appends = main.replace("X-Forwarded-For $remote_addr;", "X-Forwarded-For $proxy_add_x_forwarded_for;")
    first = server(two, main).replace(f"http://127.0.0.1:{behind}", f"http://127.0.0.1:{appending}")
    folders = "".join(
        f"    {kind}_temp_path {folder / kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    servers = "\n".join([server(recommended, main), server(appending, appends), first])
    return (
        f"pid {folder / 'pid'};\ndaemon off;\nmaster_process off;\nerror_log {folder / 'errors.log'};\n"
        f"events {{}}\nhttp {{\n    access_log off;\n{folders}{servers}\n}}\n"
    )


@pytest.mark.parametrize("way", ["recommended", "appending", "direct"])
def test_no_header_gets_anybody_in_or_keeps_anybody_out(ways: Ways, way: str) -> None:
    port = getattr(ways, way)
    wrong = []
    for comes_from, told, status in ((HOTEL, SHOP, 403), (SHOP, HOTEL, 200)):
        for name, lines in forms(told).items():
            got = ask(port, session=ways.session, comes_from=comes_from, lines=lines)
            if got != status:
                wrong.append(f"{way}, {name}, from {comes_from}: {got}, not {status}")
    assert wrong == [], "\n".join(wrong)


def test_one_server_more_than_astro_counts_lets_nobody_in(ways: Ways) -> None:
    """Astro sees the address of the first of them: everybody is kept out, whatever they say."""
    for comes_from, told in ((HOTEL, SHOP), (SHOP, HOTEL), (SHOP, SHOP)):
        for name, lines in forms(told).items():
            got = ask(ways.two_in_a_row, session=ways.session, comes_from=comes_from, lines=lines)
            assert got == 403, name
