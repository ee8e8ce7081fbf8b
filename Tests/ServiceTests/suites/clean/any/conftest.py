import pytest


@pytest.fixture(scope="module")
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="module")
async def resource(anyio_backend):
    import anyio

    yield anyio.Lock()
