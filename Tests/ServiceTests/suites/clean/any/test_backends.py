import anyio
import pytest


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request):
    return request.param


@pytest.mark.anyio
async def test_both():
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep, 0)
