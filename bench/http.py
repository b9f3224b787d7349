"""WhatsApp turns a second over HTTP, signed, with the real engine and sealed sessions, beside an empty FastAPI endpoint."""

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from bench.load import Result, closed_loop, open_loop
from bot.channels.signatures import sign_form

ROUNDS = 5
PEOPLE = 400
TALK = ("hi", "1", "1", "2", "menu", "4", "menu", "1")  # three flows, menus and jumps
PUBLIC = "https://bench.example.org"
TOKEN = "bench-token"
_ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        ours, empty = free_port(), free_port()
        processes = [start_fener(ours, Path(folder)), start_empty(empty)]
        try:
            _wait_for(f"http://127.0.0.1:{ours}/healthz")
            _wait_for(f"http://127.0.0.1:{empty}/")
            _measure(ours, empty, processes[0].pid, processes[1].pid)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(15)


def _measure(ours: int, empty: int, pid: int, empty_pid: int) -> None:
    nothing = [request("/", b"")] * (PEOPLE * len(TALK))
    closed_loop(ours, turns(0)[: PEOPLE * 2])  # warm-up, apart
    closed_loop(empty, nothing[: PEOPLE * 2])
    rounds: list[tuple[Result, Result]] = []
    ours_cpu: list[float] = []
    empty_cpu: list[float] = []
    for number in range(1, ROUNDS + 1):
        talks = turns(number)
        before = cpu_of(empty_pid)
        yardstick = closed_loop(empty, nothing)
        empty_cpu.append((cpu_of(empty_pid) - before) / len(nothing) * 1e6)
        before = cpu_of(pid)
        result = closed_loop(ours, talks)
        ours_cpu.append((cpu_of(pid) - before) / len(talks) * 1e6)
        rounds.append((result, yardstick))
        print(
            f"round {number}: {result.rate:7.0f} turns/s (p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms)   "
            f"empty FastAPI {yardstick.rate:7.0f}/s   ratio {result.rate / yardstick.rate:.2f}   "
            f"failures {result.failures + yardstick.failures}"
        )
    rate = statistics.median(result.rate for result, _ in rounds)
    ratio = statistics.median(result.rate / yardstick.rate for result, yardstick in rounds)
    print(
        f"median: {rate:.0f} turns/s, {ratio:.2f} of an empty FastAPI endpoint (aim 0.60, never under 0.35)"
    )
    print(
        f"server CPU a turn: {statistics.median(ours_cpu):.0f} us; empty endpoint {statistics.median(empty_cpu):.0f} us"
    )
    calm = open_loop(ours, turns(ROUNDS + 1), rate * 0.3)
    print(
        f"open loop at 30 %: p50 {calm.p50:.1f} ms, p99 {calm.p99:.1f} ms from the time due (aim p99 <= 25)"
    )
    print(f"memory of the server after {PEOPLE * (ROUNDS + 2)} people: {memory_of(pid):.0f} MiB")


def turns(number: int) -> list[bytes]:
    """One talk of every person, all first messages first; each person and message is new."""
    requests = []
    for step, text in enumerate(TALK):
        for person in range(PEOPLE):
            form = [
                ("SmsMessageSid", f"SM{number:08x}{person:012x}{step:012x}"),
                ("NumMedia", "0"),
                ("ProfileName", "Bench"),
                ("MessageType", "text"),
                ("SmsStatus", "received"),
                ("Body", text),
                ("To", "whatsapp:+15550001111"),
                ("NumSegments", "1"),
                ("MessageSid", f"SM{number:08x}{person:012x}{step:012x}"),
                ("AccountSid", "AC" + "0" * 32),
                ("From", f"whatsapp:+3816{number:02}{person:06}"),
                ("ApiVersion", "2010-04-01"),
            ]
            signature = sign_form(f"{PUBLIC}/channels/whatsapp", form, TOKEN)
            body = urllib.parse.urlencode(form).encode()
            requests.append(request("/channels/whatsapp", body, f"X-Twilio-Signature: {signature}\r\n"))
    return requests


def request(path: str, body: bytes, extra: str = "") -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"{extra}Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def start_fener(
    port: int, folder: Path, extra: Sequence[str] = (), **settings: str
) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FENER_")}
    environment |= {
        "FENER_CONTENT_DIR": str(_ROOT),
        "FENER_DATA_DIR": str(folder / "data"),
        "FENER_KEY_CUSTODY": "file",
        "FENER_DEMO": "1",
        "FENER_PUBLIC_URL": PUBLIC,
        "FENER_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "FENER_TWILIO_AUTH_TOKEN": TOKEN,
        "FENER_TWILIO_FROM": "whatsapp:+15550001111",
        "FENER_TWILIO_API_URL": f"http://127.0.0.1:{port}",
        **settings,
    }
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port), *extra]
    return subprocess.Popen(command, cwd=_ROOT, env=environment, stdout=subprocess.DEVNULL)


def start_empty(port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "bench.empty", str(port)], cwd=_ROOT)


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url, timeout=1)
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"bench: {url} does not answer")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_of(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
