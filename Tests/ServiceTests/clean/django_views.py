# requires: django asgiref
# timeout: 60
"""Django: sync and async views, sync and async clients, async_to_sync and sync_to_async between them."""

import asyncio

import django
from asgiref.sync import async_to_sync, sync_to_async
from django.conf import settings
from django.http import JsonResponse
from django.test import AsyncRequestFactory, RequestFactory
from django.urls import path

settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="none", MIDDLEWARE=[])
django.setup()


def add(number):
    return number + 1


async def async_view(request):
    await asyncio.sleep(0.001)
    return JsonResponse({"sum": await sync_to_async(add)(1)})


def sync_view(request):
    return JsonResponse({"sum": async_to_sync(sync_to_async(add))(2)})


urlpatterns = [path("async", async_view), path("sync", sync_view)]


async def through_asgi():
    from django.core.handlers.asgi import ASGIHandler

    request = AsyncRequestFactory().get("/async")
    response = await ASGIHandler().get_response_async(request)
    return response.content.decode()


def handler(event, context):
    from django.core.handlers.wsgi import WSGIHandler

    wsgi = WSGIHandler()
    answers = [wsgi.get_response(RequestFactory().get("/" + which)).content.decode() for which in ("async", "sync")]
    return [*answers, asyncio.run(through_asgi())]
