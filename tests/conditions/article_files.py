"""Two short articles for tests: they cite records of the corpus and type no number."""

from __future__ import annotations

OF_A_CONDITION = """---
slug: fibromyalgia
title: LDN for fibromyalgia
condition: fibromyalgia
summary: What the trials in people with fibromyalgia found.
---

## For patients

### What was tested

LDN was tested in []{.figure kind=randomised-trials condition=fibromyalgia} trials with
[]{.figure kind=people condition=fibromyalgia} people. The largest had
[]{.figure kind=study-people study=bruun2024} of them [@bruun2024]. Pain did not differ from placebo.

Read [the safety page](/safety/) first.

## For clinicians

### The main result

The daily dose was []{.figure kind=arm-dose study=bruun2024 arm=1}. The effect on pain was
[]{.figure kind=result study=bruun2024 outcome=1 part=effect} [@bruun2024]. A first trial was small
[@younger2013].
"""

OF_ITS_OWN = """---
# A head that is typed in its own way.
slug: what-it-is
title: "What low-dose naltrexone is"
summary: A medicine at a small dose.
---

## For patients

It is a small dose of an old medicine. Nobody knows yet if it helps most people. See
[the safety page](/safety/).

## For clinicians

Naltrexone blocks opioid receptors [@younger2013].
"""
