"""A browser without scripts at the console: signs in, reads pages, sends their forms."""

from html.parser import HTMLParser

from logistics.access import Role


class FormsOf(HTMLParser):
    """The forms of a page: where each leads, and the fields that it would send as it stands."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self._open = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        if tag == "form":
            self._open = {"action": told.get("action", ""), "fields": {}, "buttons": {}}
            self.forms.append(self._open)
        elif self._open is not None and tag == "input" and told.get("name"):
            if told.get("type") != "checkbox" or "checked" in told:
                self._open["fields"][told["name"]] = told.get("value") or ""
        elif self._open is not None and tag == "button" and told.get("name"):
            self._open["buttons"][told["value"]] = told["name"]

    def handle_endtag(self, tag):
        if tag == "form":
            self._open = None


def signed_in(house, planner="ann"):
    """A client with a planner's session."""
    client = house.stranger()
    client.follow_redirects = False
    key = house.key(Role.PLANNER, planner)[1]
    answer = client.post("/console/sign-in", data={"key": key, "back": "/console"})
    assert answer.headers["location"] == "/console"
    return client


def form_with(page, choice):
    """The first form of the page with a button of this value, filled in as it stands."""
    for form in FormsOf(page).forms:
        if choice in form["buttons"]:
            return form["action"], {**form["fields"], form["buttons"][choice]: choice}
    raise AssertionError(f"no form of the page can {choice}")


def press(client, path, choice, **more):
    """Open a page, press the button, and give the answer."""
    action, fields = form_with(client.get(path).text, choice)
    return client.post(action, data={**fields, **more})
