"""Child processes of the loop, waited for to their end."""

import asyncio


async def main():
    cat = await asyncio.create_subprocess_exec("cat", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    text, _ = await cat.communicate(b"through cat")
    shell = await asyncio.create_subprocess_shell("exit 3")
    return [text.decode(), await shell.wait()]


def handler(event, context):
    return asyncio.run(main())
