"""Stands in for curl where a machine has none: the few options that our pages use."""

import sys

import httpx

VALUED = {"-X", "-H", "--json", "--data-binary"}
PLAIN = {"-s"}


def main(words):
    method, url, headers, body = None, None, {}, None
    rest = iter(words)
    for word in rest:
        if word in PLAIN:
            continue
        if word not in VALUED:
            assert not word.startswith("-"), f"the pages use no {word} yet"
            url = word
            continue
        value = next(rest)
        if word == "-X":
            method = value
        elif word == "-H":
            name, _, said = value.partition(":")
            headers[name.strip()] = said.strip()
        else:
            body = value.encode()
            if word == "--json":
                headers |= {"Content-Type": "application/json", "Accept": "application/json"}
    method = method or ("GET" if body is None else "POST")
    with httpx.Client(trust_env=False, timeout=60) as client:
        answer = client.request(method, url, headers=headers, content=body)
    sys.stdout.write(answer.text)


if __name__ == "__main__":
    main(sys.argv[1:])
