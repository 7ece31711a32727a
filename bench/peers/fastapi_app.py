"""The usual way over HTTP: FastAPI takes the image as a multipart upload. Runs in .peer/alternatives under uvicorn."""

from __future__ import annotations

from fastapi import FastAPI, UploadFile  # type: ignore[import-not-found]


async def estimate(image: UploadFile) -> dict[str, int]:
    return {"bytes": len(await image.read())}


app = FastAPI()
app.post("/estimate")(estimate)
