"""A real S3 server for tests: moto in a process of its own, on the loopback, ended with the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import fsspec
import pytest

from evalkit.data.storage import open_store

_KEYS = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-west-3"}


@dataclass
class Server:
    """A server that holds one bucket; `environment` is what its clients need."""

    port: int
    process: subprocess.Popen[bytes]
    bucket: str = "essais"
    environment: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.environment = {**_KEYS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}"}

    def url(self, name: str) -> str:
        return f"s3://{self.bucket}/{name}"

    def client(self) -> Any:
        """Return a client of the tests' own, which shares nothing with evalkit's."""
        import boto3

        return boto3.client(
            "s3",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=_KEYS["AWS_DEFAULT_REGION"],
            aws_access_key_id=_KEYS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=_KEYS["AWS_SECRET_ACCESS_KEY"],
        )

    def objects(self, prefix: str = "") -> dict[str, bytes]:
        """Return the objects below a prefix, by the rest of their name."""
        client = self.client()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        names = [item["Key"] for page in pages for item in page.get("Contents", [])]
        found = {
            name.removeprefix(prefix): client.get_object(Bucket=self.bucket, Key=name)["Body"].read() for name in names
        }
        client.close()
        return found

    def upload(self, folder: Path, prefix: str) -> None:
        """Put the files of a folder below a prefix."""
        client = self.client()
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            client.upload_file(str(file), self.bucket, f"{prefix}/{file.relative_to(folder).as_posix()}")
        client.close()

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def s3_server() -> Iterator[Server]:
    """Start a server with an empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONWARNINGS": "ignore"}
    )
    server = Server(port, process)
    try:
        _wait(port)
        client = server.client()
        client.create_bucket(
            Bucket=server.bucket, CreateBucketConfiguration={"LocationConstraint": _KEYS["AWS_DEFAULT_REGION"]}
        )
        client.close()
        yield server
    finally:
        server.stop()


@contextmanager
def reached(server: Server, monkeypatch: pytest.MonkeyPatch, cache: Path) -> Iterator[None]:
    """Have this process reach a server, with a cache of its own, and know nothing of it afterwards."""
    for name, value in {**server.environment, "EVALKIT_CACHE": str(cache)}.items():
        monkeypatch.setenv(name, value)
    try:
        yield
    finally:
        forget()


def forget() -> None:
    """Forget the stores that this process opened, which keep the address of their server."""
    open_store.cache_clear()
    fsspec.get_filesystem_class("s3").clear_instance_cache()


def _wait(port: int) -> None:
    limit = time.monotonic() + 120
    while time.monotonic() < limit:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise AssertionError("the S3 server does not start")
