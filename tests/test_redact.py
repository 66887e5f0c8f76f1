"""A secret never survives; what is not one stays readable."""

from __future__ import annotations

import string
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipython_where.redact import (
    IN_ITS_PLACE,
    KnownSecrets,
    learn,
    masked,
    masked_field,
    masked_hint,
    masked_setting,
    masked_words,
    without_user,
)
from ipython_where.secret_forms import MASK, Hiding

from .secrets import CANARY, FORMS, HARMLESS, WHOLE_LINES

# Marked by letters that no other part of the text has, so that a secret that stayed can be found.
SECRETS = st.text(string.ascii_letters + string.digits, min_size=8, max_size=30).map(lambda s: f"Zq{s}")
PUNCTUATED = st.text(string.ascii_letters + string.digits + "!$%^&*()_+-=:;.,~@'\"", min_size=8, max_size=30).filter(
    lambda s: not s.isdigit()
)


@given(user=SECRETS, password=PUNCTUATED)
def test_a_password_in_a_url_never_survives(user: str, password: str) -> None:
    """Whatever characters it has, quoted or not, alone or among others."""
    for secret in (f"Zq{password}Zq", quote(password, safe="") + "Zq"):
        shown = masked(f"--index-url https://{user}:{secret}@index.example/simple https://other.example/x")
        assert shown == f"--index-url https://{MASK}@index.example/simple https://other.example/x"


@given(secret=SECRETS, name=st.sampled_from(["token", "access_token", "X-Amz-Signature", "sig", "whatever"]))
def test_a_value_in_a_query_never_survives(secret: str, name: str) -> None:
    """Whatever its name: signed links spell it in many ways."""
    assert (
        masked(f"https://h.example/p?a=1&{name}={secret}#egg=x") == f"https://h.example/p?a={MASK}&{name}={MASK}#egg=x"
    )


@given(secret=SECRETS, name=st.sampled_from(["token", "PASSWORD", "client_secret", "api-key", "Authorization"]))
def test_a_named_secret_never_survives(secret: str, name: str) -> None:
    """In `key = value`, `key: value` and quoted spellings."""
    for text in (f"{name}={secret}", f"{name}: {secret}", f"{name} = '{secret}'", f'"{name}": "{secret}"'):
        assert secret not in masked(text)
    assert secret not in masked(f"{name}: Bearer {secret}")


@given(secret=SECRETS)
def test_a_variable_named_for_a_secret_is_masked_whole(secret: str) -> None:
    """Also in lists and tables."""
    names = (
        "UV_PUBLISH_TOKEN",
        "UV_INDEX_MINE_PASSWORD",
        "UV_INDEX_MINE_USERNAME",
        "PIP_KEYRING_PROVIDER",
        "PIP_API_KEY",
    )
    assert [masked_setting(name, secret) for name in names] == [MASK] * len(names)
    assert masked_setting("index", [{"name": "mine", "token": secret}]) == [{"name": "mine", "token": MASK}]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://tok3n@index.example/simple", f"https://{MASK}@index.example/simple"),
        ("https://me:with/slash@index.example/simple", f"https://{MASK}@index.example/simple"),
        ("https://me:with blank@index.example/simple", f"https://{MASK}@index.example/simple"),
        ("me:pass@proxy.example:3128", f"{MASK}@proxy.example:3128"),
        ("https://h.example/?SECRET", f"https://h.example/?{MASK}"),
        ("git+https://me:pw@h.example/r.git@v1", f"git+https://{MASK}@h.example/r.git@v1"),
        ("Authorization: Bearer abcdefghijklmnop", f"Authorization: {MASK}"),
    ],
)
def test_credentials_are_masked(text: str, shown: str) -> None:
    """The host and what follows it stay."""
    assert masked(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/usr/lib/python3.11/site-packages",
        "https://index.example/simple",
        "http://localhost:8080/simple http://[::1]:8080/simple",
        "git+ssh://git@github.example/team/repo.git@v1.2#subdirectory=x",
        "git+https://h.example/team/repo@main",
        "pandas>=2,<3",
        "basic usage: see the documentation",
        "file:///srv/wheels",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Paths, plain URLs, revisions, version ranges."""
    assert masked(text) == text


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_secret_is_masked(form: str) -> None:
    """Wherever it stands in a line, and once more: what is masked stays as it is."""
    for text in (form, f"`{form}` failed", f"before {form} behind", f"a\n{form}\nb"):
        shown = masked(text)
        assert CANARY not in shown
        assert MASK in shown
        assert masked(shown) == shown


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_text_stays(text: str) -> None:
    """Pins, paths, hashes, revisions, mail addresses, options that begin like a secret's, and references to one."""
    assert masked(text) == text


def test_the_word_behind_a_secret_option_is_masked() -> None:
    """Among words nothing tells that the next one is a secret, but the option before it."""
    assert masked_words(("login", "--password", CANARY, "--token", "$GH", "--token", "-v")) == (
        *("login", "--password", MASK, "--token", "$GH"),
        *("--token", "-v"),
    )


def test_a_hint_with_a_mask_says_what_to_write_for_it() -> None:
    """Once, however often it is made into another value; and never where what was typed can be pasted."""
    hint = masked_hint(f"`%safepip install git+https://{CANARY}@h.example/x`")
    assert hint == f"`%safepip install git+https://{MASK}@h.example/x`{IN_ITS_PLACE}"
    assert masked_hint(hint) == hint
    assert masked_hint("`%safepip install git+https://{token}@h/x`") == "`%safepip install git+https://{token}@h/x`"


def test_a_known_secret_is_masked_wherever_it_stands() -> None:
    """As it is or percent-encoded, in part or as a whole, in small letters and large ones of the code."""
    known = KnownSecrets()
    known.learn(f"pip install git+https://me:{quote('p@ss/W0rd')}@h.example/x")
    for spelled in ("p@ss/W0rd", "p%40ss%2fW0rd", "p%40ss/W0rd", quote("p@ss/W0rd", safe=""), "%70@ss/W0rd"):
        assert known.masked(f"building with {spelled}!") == f"building with {MASK}!"


def test_variables_are_learnt_by_their_names_and_by_their_values() -> None:
    """A user's name, a path, and what a setting names are no secrets."""
    known = KnownSecrets()
    known.learn_variables(
        {
            "MY_TOKEN": "abcDEF123456",
            "PIP_INDEX_URL": "https://me:pass1234word@h.example/simple",
            "USERNAME": "john.smith1",
            "MY_TOKEN_FILE": "token-2024",
            "TOKENIZERS_PARALLELISM": "false",
            "DBPASS": "hunter2hunter2",
            "BYPASS": "proxies-2024",
            "HF_TOKENIZER": "bert-base-2",
            "GOOGLE_APPLICATION_CREDENTIALS": "/home/me/key-1.json",
        }
    )
    assert known.masked("abcDEF123456 pass1234word hunter2hunter2") == f"{MASK} {MASK} {MASK}"
    harmless = "john.smith1 proxies-2024 bert-base-2 token-2024 false /home/me/key-1.json h.example"
    assert known.masked(harmless) == harmless


def test_a_common_word_is_no_known_secret() -> None:
    """`admin` as a password is masked where a password stands, and nowhere else: half of all paths would be."""
    known = KnownSecrets()
    for word in ("admin", "jupyterhub", "/run/secrets/token", "x", "$TOKEN", MASK):
        known.learn(f"--password {word}")
        assert known.masked(f"in {word}/lib") == f"in {word}/lib"


def test_the_oldest_known_secrets_are_forgotten() -> None:
    """Each one kept is looked for in every text."""
    known = KnownSecrets()
    known.learn(*(f"--token secret{number:04}" for number in range(100)))
    assert known.masked("secret0000 secret0099") == f"secret0000 {MASK}"


def test_what_was_learnt_counts_for_every_text() -> None:
    learn(f"https://me:learnt{CANARY}@h.example")
    assert masked(f"now in learnt{CANARY}/x") == f"now in {MASK}/x"


@pytest.mark.parametrize(
    "begin",
    (
        "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- gldt- glrt- glcbt- glptt- glft- glsoat- glagent- glimt- dop_v1_ dckr_pat_ "
        "shpat_ shpss_ shpca_ pypi- hf_ npm_ sk- sk_ rk_ lin_api_ hvs. dp.pt. AIza ya29. GOCSPX- ATATT3x ATCTT3x xoxb- xapp- "
        "AKCp"
    ).split(),
)
def test_a_token_is_known_by_its_beginning(begin: str) -> None:
    """Whatever stands around it."""
    assert masked(f"refused: {begin}{CANARY}{CANARY} (403)") == f"refused: {MASK} (403)"


@pytest.mark.parametrize("token", [f"AKIA{CANARY.upper()}", f"SG.{CANARY}.{CANARY}", f"dapi{'0123456789abcdef' * 2}"])
def test_a_token_is_known_by_its_shape(token: str) -> None:
    assert masked(f"refused: {token} (403)") == f"refused: {MASK} (403)"


@pytest.mark.parametrize(
    "option",
    (
        "--token --my-token --password --passwd --passphrase --pwd --secret --client-secret --credential --credentials "
        "--api-key --api_key --access-key --private-key --secret-key --auth --authorization --cookie --http-pass --github-pat "
        "--my-jwt -token"
    ).split(),
)
def test_an_option_with_a_secret_is_known_by_its_name(option: str) -> None:
    """In one text, with `=`, and where its value is a word of its own."""
    for text in (f"{option} {CANARY}", f"{option}={CANARY}", f"x {option} '{CANARY}'"):
        assert CANARY not in masked(text), text
    assert masked_words((option, CANARY)) == (option, MASK)


@pytest.mark.parametrize("option", ["--keyring-provider", "--username", "--user-name", "--http_user_name"])
def test_an_option_with_a_users_name_takes_the_next_word(option: str) -> None:
    assert masked_words((option, CANARY, "six")) == (option, MASK, "six")


@pytest.mark.parametrize(
    "name",
    (
        "MY_TOKEN MY_PASSWORD MY_PWD MY_PASSPHRASE MY_SECRET MY_CREDENTIALS PIP_KEYRING_PROVIDER API_KEY api.key ACCESS_KEY "
        "PRIVATE-KEY ACCOUNT_KEY SHARED_KEY SIGNING_KEY ENCRYPTION_KEY SUBSCRIPTION_KEY PIP_USERNAME USER_NAME AUTHORIZATION "
        "COOKIE MY_KEY MY_AUTH GITHUB_PAT github-pat DB_PASS MY_JWT"
    ).split(),
)
def test_a_setting_that_is_secret_is_known_by_its_name(name: str) -> None:
    assert masked_setting(name, CANARY) == MASK


@pytest.mark.parametrize(
    "name",
    (
        "MY_TOKEN MY_PASSWORD MY_PASSPHRASE MY_SECRET API_KEY ACCESS_KEY PRIVATE_KEY APIKEY GITHUB_PAT GITHUB-PAT DB_PASS "
        "MY_JWT MY_AUTH"
    ).split(),
)
def test_a_variable_is_learnt_by_its_name(name: str) -> None:
    """Its value is masked wherever it stands; what only leads to a secret is none."""
    known = KnownSecrets()
    known.learn_variables({name: CANARY, f"{name}_FILE": "file-1234", f"{name}_URL": "where-1234"})
    assert known.masked(f"in {CANARY}/file-1234/where-1234") == f"in {MASK}/file-1234/where-1234"


@pytest.mark.parametrize(
    "name",
    ["auth", "my-auth", "x_pat", "pat", "DB_PASS", "jwt", "my.jwt", "sig", "cookie", "JSESSIONID", "session_id", "sid"],
)
def test_a_short_name_before_an_equals_sign_says_that_it_is_secret(name: str) -> None:
    assert masked(f"with {name}={CANARY} given") == f"with {name}={MASK} given"


@pytest.mark.parametrize(
    "command",
    [
        *(f"{name} push -u me -p" for name in ("twine", "anaconda")),
        *(f"{name} login -u me -p" for name in ("docker", "podman", "skopeo", "helm registry", "az acr")),
        *(
            "sshpass -p",
            "mysql -u me -p",
            "mysqldump -u me -p",
            "mariadb -p",
            "poetry publish -u me -p",
            "uv publish -t",
        ),
        *(
            "curl -u",
            "curl --user",
            "curl --proxy-user",
            "curl -U",
            "curl -b",
            "curl --cookie",
            "wget --user",
            "http -a",
        ),
        *("http --auth", "wandb login", "conda token set", "setenv GH_TOKEN", "poetry config pypi-token.mine"),
    ],
)
def test_a_program_that_is_given_a_secret_is_known(command: str) -> None:
    assert masked(f"{command} {CANARY} rest") == f"{command} {MASK} rest"


@pytest.mark.parametrize(
    "header",
    [
        *(
            "Cookie",
            "Set-Cookie",
            "Authorization",
            "Proxy-Authorization",
            "X-JFrog-Art-Api",
            "X-Api-Key",
            "X-My-Secret",
        ),
        *("X-GitHub-Token", "X-Auth", "Private-Token", "Job-Token", "Deploy-Token"),
    ],
)
def test_a_header_with_a_secret_is_masked_to_its_end(header: str) -> None:
    assert masked(f"> {header}: one {CANARY}; two\n> Accept: */*") == f"> {header}: {MASK}\n> Accept: */*"


def test_masking_is_linear() -> None:
    """Text that looks like the beginning of many secrets takes no longer than its length."""
    for piece in (
        "token",
        "sk-",
        ":/",
        "a:b,",
        "://a:b c ",
        "docker -p",
        "a:/b",
        "Cookie: ",
        "?a=b&",
        "t/",
        "a@",
        "--token",
        "echo a ",
        "yes a ",
        "(echo a; ",
        "print(a",
        "<<< a ",
        "sudo -S < <(echo ",
        "echo | ",
        "sudo -u a ",
        "sudo -S ",
        "openssl -k",
        "-pass ",
    ):
        began = time.process_time()
        masked(piece * (20_000 // len(piece)) + "@?t/")
        assert time.process_time() - began < 10  # some milliseconds each; a quadratic search takes minutes


@pytest.mark.parametrize(
    ("text", "shown", "found"),
    [
        ("'ZqabcdefGh'", MASK, ["ZqabcdefGh"]),
        ('"ZqabcdefGh"', MASK, ["ZqabcdefGh"]),
        ("ZqabcdefGh)", f"{MASK})", ["ZqabcdefGh"]),
        ("a1b2c3d4a", MASK, ["a1b2c3d4a"]),
        (")];", f"{MASK})];", [")];"]),
        ("$TOKEN,", "$TOKEN,", []),
        ("{token}", "{token}", []),
        (f"{MASK}'", f"{MASK}'", []),
        ("", "", []),
    ],
)
def test_what_stands_in_a_secrets_place_is_known_without_what_closes_it(
    text: str, shown: str, found: list[str]
) -> None:
    """A quotation and a bracket around it are not part of it: it is looked for elsewhere as it is."""
    hiding = Hiding()
    assert (hiding.value(text), hiding.found) == (shown, found)


@pytest.mark.parametrize(
    ("text", "shown", "found"),
    [
        ("https://h.example/p?token=Zqa=b==", f"https://h.example/p?token={MASK}", ["Zqa=b=="]),
        ("https://h.example/p?a=1&sig=Zqab;c=3", f"https://h.example/p?a={MASK}&sig={MASK};c={MASK}", ["Zqab"]),
        ("https://h.example/p?page=Zqa=b", f"https://h.example/p?page={MASK}", []),
        ("https://h.example/p?Zqabcdef", f"https://h.example/p?{MASK}", ["Zqabcdef"]),
        ("https://h.example/p#egg=x&token=Zqab", f"https://h.example/p#egg=x&token={MASK}", ["Zqab"]),
        ("https://h.example/p#state=Zqab", f"https://h.example/p#state={MASK}", []),
        ("https://h.example/p#egg=x", "https://h.example/p#egg=x", []),
        ("https://h.example/p#a-place", "https://h.example/p#a-place", []),
        ("https://me:Zq1@h.example //tok3nZq@i.example", f"https://{MASK}@h.example //{MASK}@i.example", ["Zq1", "tok3nZq"]),
        ("https://Zq1ab2cd3:Zqpw@h.example", f"https://{MASK}@h.example", ["Zqpw", "Zq1ab2cd3"]),
        ("https://Zq1ab2cd3:$PASS@h.example", f"https://{MASK}@h.example", ["$PASS", "Zq1ab2cd3"]),
        ("https://me:$PASS@h.example", "https://me:$PASS@h.example", []),
        ("ghp_Zq0123456789", MASK, ["ghp_Zq0123456789"]),
        ("-----BEGIN PRIVATE KEY-----\nZqab\n-----END PRIVATE KEY-----", MASK, ["\nZqab\n"]),
        ("machine h.example login me password Zqab", f"machine h.example login {MASK} password {MASK}", ["me", "Zqab"]),
        ("default login me password Zqab", f"default login {MASK} password {MASK}", ["me", "Zqab"]),
    ],
)  # fmt: skip
def test_what_is_found_in_a_text_is_masked_and_kept_in_mind(text: str, shown: str, found: list[str]) -> None:
    """A value of a query whose name says nothing of a secret is masked, and may stand elsewhere."""
    hiding = Hiding()
    assert (hiding.text(text), hiding.found) == (shown, found)


def test_a_known_secret_within_another_does_not_leave_its_end() -> None:
    for order in (("Zq1234567", "Zq1234567ab"), ("Zq1234567ab", "Zq1234567"), ("q1234567", "Zq1234567ab")):
        known = KnownSecrets()
        known.learn(*(f"token={each}" for each in order))
        assert known.masked("x Zq1234567ab y q1234567") == f"x {MASK} y {MASK if 'q1234567' in order else 'q1234567'}"


def test_a_known_secret_is_masked_in_the_spelling_of_a_projects_name() -> None:
    """An installer spells a token in a name's place so (PEP 503)."""
    known = KnownSecrets()
    known.learn("token=Zq_AB.1a-._Bc9")
    assert known.masked("no project zq-ab-1a-bc9 is found") == f"no project {MASK} is found"


def test_what_stands_around_an_encoded_secret_stays() -> None:
    known = KnownSecrets()
    known.learn("token=Zqab/cd12")
    assert known.masked("a%20b Zqab%2Fcd12 c%20d %5Aqab/cd12 e f") == f"a%20b {MASK} c%20d {MASK} e f"


@pytest.mark.parametrize(
    ("secret", "is_known"),
    [
        ("Zq12345", False),
        ("Zq123456", True),
        ("/Zq12345678", False),
        ("~Zq12345678", False),
        ("./Zq1234567", False),
        ("$Zq12345678", False),
        ("{Zq1234567}", False),
        ("a" * 19, False),
        ("A" + "a" * 18, False),
        ("A" * 19, True),
        ("a" * 20, True),
    ],
)
def test_what_is_looked_for_everywhere_can_be_told_from_a_word(secret: str, is_known: bool) -> None:
    """Not a path, a variable or a word: those are masked where only a secret stands."""
    known = KnownSecrets()
    known.learn_variables({"API_TOKEN": secret})
    assert known.masked(f"x {secret} y") == (f"x {MASK} y" if is_known else f"x {secret} y")


def test_a_setting_keeps_its_shape() -> None:
    assert masked_setting("api-tokens", ["Zq1", "$TOKEN"]) == [MASK, "$TOKEN"]
    assert masked_setting("password", 1234) == MASK
    assert masked_setting("password", None) is None
    assert masked_setting("retries", 5) == 5
    assert masked_setting("index-url", "https://tok3n@h.example") == f"https://{MASK}@h.example"


def test_a_field_is_masked_however_deep_it_is() -> None:
    """Only a hint says what to write in a secret's place: nothing else is pasted."""
    line = "--token=Zqabcdef"
    assert masked_field("message", line) == f"--token={MASK}"
    assert masked_field("hint", line) == f"--token={MASK}{IN_ITS_PLACE}"
    assert masked_field("words", ("--token", "Zqabcdef")) == ("--token", MASK)
    assert masked_field("rows", ((line, "a"), (1, line))) == ((f"--token={MASK}", "a"), (1, f"--token={MASK}"))
    assert masked_field("hint", (1, line)) == (1, f"--token={MASK}{IN_ITS_PLACE}")
    assert masked_field("size", 5) == 5


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://me:Zq1@h.example/x", "https://h.example/x"),
        ("git+https://tok3nZq@h.example/x?token=Zq1", f"git+https://h.example/x?token={MASK}"),
        ("https://h.example/x", "https://h.example/x"),
        ("file:///srv/me:you@here/x", "file:///srv/me:you@here/x"),
    ],
)
def test_a_url_that_others_may_keep_has_no_user(url: str, kept: str) -> None:
    assert without_user(url) == kept


@pytest.mark.parametrize("text", WHOLE_LINES)
def test_what_the_whole_of_a_line_tells_to_be_secret_is_masked(text: str) -> None:
    assert CANARY not in masked(text)


@pytest.mark.parametrize(
    "line", ["sudo -S pip install six <<END", "sudo -S pip install six <<-'END'", "cat <<END | sudo -S pip install six"]
)
def test_a_password_in_a_here_document_is_masked(line: str) -> None:
    assert masked(f"{line}\n\t{CANARY}\nEND\npip list") == f"{line}\n\t{MASK}\nEND\npip list"
    assert masked(f"{line.replace('sudo -S', 'sudo')}\nsix\nEND") == f"{line.replace('sudo -S', 'sudo')}\nsix\nEND"


def test_kaggles_key_is_known_by_its_shape() -> None:
    """`key` alone is the name of anything."""
    key = "0123456789abcdef" * 2
    assert masked(f'{{"username":"me","key":"{key}"}}') == f'{{"username":"me","key":{MASK}}}'
