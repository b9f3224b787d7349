"""The yardstick: an empty FastAPI endpoint under the same server as ours. `python -m bench.empty PORT`."""

import sys

import uvicorn
from fastapi import FastAPI, Response

app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.post("/")
async def nothing() -> Response:
    return Response(b"<Response/>", media_type="text/xml")


if __name__ == "__main__":
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
    )
