"""What all tests share: a cache of their own, and Azurite, Azure's own emulator of Blob storage."""

import gc
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient

from lib.settings import Source, profiles

_PROGRAM = Path(__file__).parents[1] / ".tools/node_modules/.bin/azurite-blob"
_ACCOUNT = "devstoreaccount1"
# The one key that every Azurite has, published in its documentation.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

Upload = Callable[[Source, str, Mapping[str, bytes]], None]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Find the tests without the garbage collector, which would take half of that time.

    They all stay until the end, so it need not look at them later either.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what the app keeps out of the cache of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        for name in (*profiles.ENVIRONMENT.values(), "DRIFTLINE_KEEP_MB"):
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the emulated account, "http://127.0.0.1:<port>/devstoreaccount1"."""
    if not _PROGRAM.exists():
        pytest.fail("Azurite is missing: npm install --prefix .tools azurite@3.35.0")
    if not shutil.which("node"):
        pytest.fail("Azurite needs node, which is not on the PATH")
    options = "--blobPort 0 --inMemoryPersistence --silent --skipApiVersionCheck --loose"
    process = subprocess.Popen(
        [str(_PROGRAM), *options.split(), "--disableTelemetry"],
        cwd=tmp_path_factory.mktemp("azurite"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    # Ends the output, and with it the wait below, of one that never gets ready.
    limit = threading.Timer(60, process.kill)
    limit.start()
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if ready := re.search(r"successfully listens on (http://\S+)", line):
                break
        else:
            pytest.fail(f"Azurite did not start:\n{''.join(said)}")
        limit.cancel()
        yield f"{ready[1]}/{_ACCOUNT}"
    finally:
        limit.cancel()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


@pytest.fixture(scope="session")
def connection_string(azurite: str) -> str:
    """What opens the emulated account, with its key."""
    return (
        f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};"
        f"AccountKey={_KEY};BlobEndpoint={azurite};"
    )


@pytest.fixture
def azurite_source(connection_string: str) -> Source:
    """A source with a connection string to an account that is empty when the test begins."""
    source = Source("azurite", connection_string=connection_string)
    with BlobServiceClient.from_connection_string(source.connection_string) as service:
        for container in service.list_containers():
            service.delete_container(container.name)
    return source


@pytest.fixture(scope="session")
def upload() -> Upload:
    """Puts files into a container of a source, account or folder, and makes the container."""

    def upload_files(source: Source, container: str, files: Mapping[str, bytes]) -> None:
        if source.folder:
            Path(source.folder, container).mkdir(parents=True, exist_ok=True)
            for name, data in files.items():
                path = Path(source.folder, container, *name.split("/"))
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            return
        with BlobServiceClient.from_connection_string(source.connection_string) as service:
            client = service.get_container_client(container)
            if not client.exists():
                client.create_container()

            def put(file: tuple[str, bytes]) -> None:
                client.upload_blob(*file, overwrite=True)

            with ThreadPoolExecutor(8) as pool:
                list(pool.map(put, files.items()))

    return upload_files
