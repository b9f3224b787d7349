"""Whether it works, in words for an operator; how much, for this machine or who has the token."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from bot.kernel.errors import StorageError
from bot.telemetry.metrics import Metrics
from bot.web.health import Check, Numbers, Ready, alive

CANARY = "+381607734951"


async def works() -> None:
    return None


async def unreachable() -> None:
    raise StorageError("database.unreachable", f"nobody must read {CANARY}")


async def odd() -> None:
    raise RuntimeError(CANARY)


async def get(
    path: str,
    *,
    checks: dict[str, Check] | None = None,
    token: str | None = None,
    caller: str = "127.0.0.1",
    headers: dict[str, str | bytes] | None = None,
) -> httpx.Response:
    metrics = Metrics()
    metrics.count("whatsapp", "answered")
    app = Starlette(
        routes=[
            Route("/healthz", alive),
            Route("/readyz", Ready(checks or {}).page),
            Route("/metrics", Numbers(metrics, token).page),
        ]
    )
    transport = httpx.ASGITransport(app, client=(caller, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        return await http.get(path, headers=headers)  # type: ignore[arg-type]  # bytes are headers too


async def test_a_living_process_says_ok() -> None:
    answer = await get("/healthz")

    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_it_is_ready_when_every_part_works() -> None:
    answer = await get("/readyz", checks={"database": works, "memory": works})

    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "memory": "ok"})


async def test_a_part_that_does_not_work_is_named_by_its_code_and_nothing_else() -> None:
    answer = await get("/readyz", checks={"database": unreachable, "memory": odd, "content": works})

    assert answer.status_code == 503
    assert answer.json() == {"database": "database.unreachable", "memory": "RuntimeError", "content": "ok"}
    assert CANARY not in answer.text


async def test_the_counts_are_for_this_machine() -> None:
    assert (await get("/metrics")).status_code == 200
    assert (await get("/metrics", caller="::1")).status_code == 200
    assert (await get("/metrics", caller="192.0.2.7")).status_code == 404


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip"])
async def test_a_call_that_a_proxy_passed_on_is_not_from_this_machine(header: str) -> None:
    assert (await get("/metrics", headers={header: "127.0.0.1"})).status_code == 404


async def test_the_counts_are_for_whoever_has_the_token() -> None:
    far = "192.0.2.7"
    assert (
        await get("/metrics", token="made-up", caller=far, headers={"authorization": "Bearer made-up"})
    ).status_code == 200
    for wrong in ("Bearer made-u", "made-up", "Bearer ", "bearer made-up", "Bearer é".encode("latin-1")):
        assert (
            await get("/metrics", token="made-up", caller=far, headers={"authorization": wrong})
        ).status_code == 404


async def test_the_counts_name_channels_and_outcomes_only() -> None:
    lines = [line for line in (await get("/metrics")).text.splitlines() if line and not line.startswith("#")]

    assert any('channel="whatsapp"' in line and 'outcome="answered"' in line for line in lines)
    assert all(CANARY not in line for line in lines)
