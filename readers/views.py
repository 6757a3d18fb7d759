"""The pages for every reader: reporting a problem, and the reading list."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from readers.domain.reading_list import MOST_KEYS, read_keys
from readers.forms import ProblemForm
from readers.services.pace import HOUR_SECONDS
from readers.services.problems import TooManyError, find_page, report_problem
from readers.services.reading_list import find_items, read_link, sign_keys


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def problem(request: HttpRequest) -> HttpResponse:
    """The form, and what is wrong with what was sent; nothing that was typed is lost."""
    if request.method != "POST":
        page = find_page(typed=request.GET.get("page", "")) or ""
        return render(request, "readers/problem.html", {"form": ProblemForm(initial={"page": page})})
    form = ProblemForm(request.POST)
    if not form.is_valid():
        return render(request, "readers/problem.html", {"form": form}, status=400)
    page, words = form.cleaned_data["page"], form.cleaned_data["words"]
    try:
        report_problem(page=page, words=words, address=_address(request), now=timezone.now())
    except TooManyError:
        context = {"form": form, "is_too_often": True}
        answer = render(request, "readers/problem.html", context, status=429)
        answer["Retry-After"] = str(HOUR_SECONDS)
        return answer
    return redirect(f"{reverse('problem-sent')}?{urlencode({'page': page})}")


@never_cache
@require_safe
def problem_sent(request: HttpRequest) -> HttpResponse:
    return render(
        request, "readers/problem_sent.html", {"page": find_page(typed=request.GET.get("page", ""))}
    )


@require_safe
def reading_list(request: HttpRequest) -> HttpResponse:
    """The page that a browser fills with what it keeps; or, with a signed link, the list that was shared."""
    if "list" not in request.GET:
        return render(request, "readers/reading_list.html", {"most": MOST_KEYS})
    keys = read_link(signed=request.GET["list"])
    if keys is None:
        return render(
            request, "readers/reading_list.html", {"most": MOST_KEYS, "is_broken": True}, status=400
        )
    context = {"items": find_items(keys=keys), "link": request.get_full_path(), "is_shared": True}
    answer = render(request, "readers/reading_list.html", context)
    answer["Cache-Control"] = "private, no-store"
    return answer


# Writes nothing and tells the asking browser only what it sent and everybody may read: nothing to forge. The
# keys come in the body, where no log of addresses sees them.
@csrf_exempt
@require_POST
@never_cache
def reading_list_items(request: HttpRequest) -> HttpResponse:
    """The lines of a list that a browser keeps, as a piece of a page."""
    keys = read_keys(request.POST.getlist("key"))
    link = f"{reverse('reading-list')}?{urlencode({'list': sign_keys(keys=keys)})}"
    context = {"items": find_items(keys=keys), "link": link, "address": settings.PUBLIC_URL + link}
    return render(request, "readers/_reading_list.html", context)


def _address(request: HttpRequest) -> str:
    """The address that asked; behind a proxy the last one named, which the proxy itself has added."""
    if settings.BEHIND_PROXY and (named := request.headers.get("X-Forwarded-For")):
        return named.rsplit(",", 1)[-1].strip()
    return request.META.get("REMOTE_ADDR", "")
