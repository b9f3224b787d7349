"""The yardstick: an empty FastAPI endpoint, served by the very server that serves ours. `python -m bench.empty PORT`."""

import sys

import uvicorn
import uvloop
from fastapi import FastAPI, Response

from bot.web.server import Connection, Server

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/")
async def nothing() -> Response:
    return Response(b"<Response/>", media_type="text/xml")


async def main(port: int) -> None:
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        http=Connection,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,
    )
    await Server(config).serve()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
