"""The form with which a reader reports a problem."""

from __future__ import annotations

from django import forms

from readers.domain.words import clean_words
from readers.models import LEAST_WORDS, MOST_PATH, MOST_WORDS
from readers.services.problems import find_page
from studies.services.speech import READERS

NO_PAGE = (
    "This is no page of this site. Copy its address from the browser, such as /conditions/fibromyalgia/."
)
TOO_SHORT = "Write a little more, so that an editor can find what you mean."
TRAP_SPRUNG = "Leave this field empty: it is there because robots fill in everything."


class ProblemForm(forms.Form):
    page = forms.CharField(
        label="Address of the page",
        max_length=MOST_PATH + 200,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    words = forms.CharField(
        label="What is wrong, missing or hard to understand?",
        help_text=f"Up to {MOST_WORDS:,} characters. Please write nothing about your own health and no name: "
        "the report is about the page.",
        max_length=MOST_WORDS,
        widget=forms.Textarea({"rows": 8}),
    )
    # Seen by robots and by nobody else, unless they filled it in.
    website = forms.CharField(
        label="Leave this empty",
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_page(self) -> str:
        page = find_page(typed=self.cleaned_data["page"])
        if page is None:
            raise forms.ValidationError(READERS.say(NO_PAGE))
        return page

    def clean_words(self) -> str:
        words = clean_words(self.cleaned_data["words"])
        if len(words) < LEAST_WORDS:
            raise forms.ValidationError(READERS.say(TOO_SHORT))
        return words

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(READERS.say(TRAP_SPRUNG))
        return ""
