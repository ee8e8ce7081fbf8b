"""Two datagram endpoints, closed by hand."""

import asyncio


class Mailbox(asyncio.DatagramProtocol):
    def __init__(self):
        self.letter = asyncio.get_running_loop().create_future()

    def datagram_received(self, data, address):
        if not self.letter.done():
            self.letter.set_result(data.decode())


async def main():
    loop = asyncio.get_running_loop()
    receiver, mailbox = await loop.create_datagram_endpoint(Mailbox, local_addr=("127.0.0.1", 0))
    sender, _ = await loop.create_datagram_endpoint(Mailbox, remote_addr=receiver.get_extra_info("sockname"))
    try:
        sender.sendto(b"letter")
        return await asyncio.wait_for(mailbox.letter, 5)
    finally:
        sender.close()
        receiver.close()


def handler(event, context):
    return asyncio.run(main())
