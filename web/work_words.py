"""The sentences that the scripts of the work page say, which the page brings in the language of whoever works."""

from __future__ import annotations

from typing import Final

from scheduling.words import N_
from services.languages import Speech

SENTENCES: Final = (
    N_("%(count)s messages not sent yet; nothing is lost while this page is open."),
    N_("%(hours)s h %(minutes)s min"),
    N_("%(minutes)s min"),
    N_("%(minutes)s min %(seconds)s s"),
    N_("%(name)s at %(time)s, in %(left)s"),
    N_("%(question)s (if you can)"),
    N_("%(question)s. Move the cross with the arrow keys, with Shift in longer steps; Enter sets the mark."),
    N_("%(reason)s This is what comes next."),
    N_("%(seconds)s s"),
    N_("1 message not sent yet; nothing is lost while this page is open."),
    N_("A number."),
    N_("Ask for %(time)s instead"),
    N_("Asking …"),
    N_("Break"),
    N_("Coaching"),
    N_("Enter sends, Shift+Enter begins a new line."),
    N_("In coaching"),
    N_("Loading"),
    N_("Marked at %(x)s from the left and %(y)s from the top."),
    N_("Next item, %(queue)s."),
    N_("No item"),
    N_("No queue is yours at the moment"),
    N_("No work is waiting"),
    N_("Nothing that waits fits into your time"),
    N_("Not connected: nothing was asked. Try again in a moment."),
    N_("Not marked yet: click the place, or press P."),
    N_("On break"),
    N_("One moment."),
    N_("Report it"),
    N_("Report that the system is down? The item that is open goes back to its queue."),
    N_("Return it"),
    N_("Return this item? Somebody else gets it; it comes back to you only when nobody else can take it."),
    N_("Sign in to begin"),
    N_("Sign out of work"),
    N_("Sign out of work? The item that is open goes back to its queue."),
    N_("Signed out of work"),
    N_("Start coaching"),
    N_("Start coaching? The item that is open goes back to its queue."),
    N_("Start the break"),
    N_("Start your break? The item that is open goes back to its queue."),
    N_("System down"),
    N_("Taken. %(words)s"),
    N_("The cross moves; Enter sets the mark."),
    N_("The picture of this item"),
    N_("The text of this item"),
    N_("There is nothing to do at the moment."),
    N_("This cannot be shown here: its address does not answer, or is not allowed. Return the item, and tell your supervisor."),
    N_("This item was given to somebody else meanwhile, so your answer to it was not taken."),
    N_("What belongs to this item cannot be shown."),
    N_("Work resumes at %(time)s, in %(left)s."),
    N_("Working"),
    N_("You are on leave"),
    N_("You are recorded as absent"),
    N_("You are signed out. What you filled in is kept in this tab; sign in again to send it."),
    N_("Your answer was not taken: %(reason)s"),
    N_("Your break is about to begin"),
    N_("Your shift is not on"),
    N_("Your time of work ended at %(end)s. Finish this item, or press R; it goes back by itself at %(latest)s."),
    N_("Your work was to end at %(time)s, so the item in hand went back to its queue."),
    N_("coaching"),
    N_("huddle"),
    N_("its time is over"),
    N_("meal break"),
    N_("none any more"),
    N_("picture to mark"),
    N_("short break"),
    N_("since %(time)s"),
    N_("yours for %(time)s"),
    N_("“%(question)s” is missing."),
    N_("“%(question)s” is not a number."),
)
"""As they stand in `static/js/work`; a test holds this against the scripts."""


def work_words(speech: Speech) -> dict[str, str]:
    """Return the sentences in a language, each by its English; in English there is nothing to say."""
    said = {message: speech.say(message) for message in SENTENCES}
    return {message: words for message, words in said.items() if words != message}
