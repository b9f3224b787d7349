# What each rule finds and what it lets pass: `make semgrep` compares. Never run.


async def logs(delivery, request, logger, address):
    # ruleid: words-of-a-person-reach-a-log
    logger().info("turn.taken", words=delivery.message.text)
    said = (await request.body()).decode()
    # ruleid: words-of-a-person-reach-a-log
    logger().warning("turn.failed", body=said)
    shown = f"{address.reveal()}!"
    # ruleid: words-of-a-person-reach-a-log
    logger().info("turn.taken", who=shown)
    # ok: words-of-a-person-reach-a-log
    logger().info("turn.taken", channel=delivery.address.channel, length=len(delivery.message.text))


def faults(message, address):
    # ruleid: words-of-a-person-reach-a-fault
    raise ValueError(f"cannot read {message.text}")


def faults_by_address(address):
    number = address.reveal()
    # ruleid: words-of-a-person-reach-a-fault
    raise KeyError(number)


def answers(work):
    try:
        work()
    except OSError as fault:
        # ruleid: fault-of-a-library-reaches-an-answer
        return JSONResponse({"why": str(fault)})
    except RefusedError as refused:
        # ok: fault-of-a-library-reaches-an-answer
        return JSONResponse({"code": refused.code})


def paths(request, folder):
    # ruleid: request-decides-a-path
    return folder / request.path_params["name"]


def statements(connection, name):
    # ruleid: statement-made-of-strings
    connection.execute(text(f"select {name}"))
    # ok: statement-made-of-strings
    connection.execute(text("select :name"), {"name": name})
