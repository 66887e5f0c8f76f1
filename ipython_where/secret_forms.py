"""What credentials look like in text: by position (a URL, an option, a header) or by prefix (`ghp_…`).

Tested in `tests/test_redact.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property, lru_cache

MASK = "****"


class Form:
    """A regular expression compiled on first use: all of them take 15 ms, and few texts need more than one."""

    def __init__(self, pattern: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._pattern, self._flags = pattern, flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._pattern, self._flags)

    def sub(self, replace: Callable[[re.Match[str]], str], text: str) -> str:
        return self._compiled.sub(replace, text)

    def search(self, text: str) -> re.Match[str] | None:
        return self._compiled.search(text)

    def match(self, text: str) -> re.Match[str] | None:
        return self._compiled.match(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return self._compiled.fullmatch(text)


_OF_KEYS = ("account", "shared", "signing", "encryption", "subscription")
_KEYS = tuple(f"{of}[-_.]?key" for of in _OF_KEYS)
_TOKEN = r"token(?!i[sz])(?!s[\"']?\s*[=:]\s*\d{1,6}(?![\w.-]))"
"""`TOKENIZERS_PARALLELISM=false` and `max_tokens=100` are no secrets."""

_WORDS = "|".join(
    (rf"{_TOKEN}|passw|pwd|passphrase|secret|credential|keyring|api[-_.]?key|access[-_.]?key|private[-_.]?key", *_KEYS)
)
SECRET_NAME = Form(rf"{_WORDS}|user[-_]?name|authoriz|cookie|[-_](?:key|auth|pat|pass|jwt)$", re.IGNORECASE)
"""The name of a variable, a configuration key or an option whose value is secret."""

_NO_PASSWORD = (
    "by",
    "com",
    "tres",
    "under",
    "over",
    "sur",
    "low",
    "high",
    "band",
    "multi",
    "all",
    "single",
    "one",
    "two",
)
_PASS = "".join(f"(?<!{each})" for each in _NO_PASSWORD) + "pass"
"""The end of `DBPASS` and of `PASS`, but not of `bypass` and `compass`."""

_SECRET_VARIABLE = Form(
    rf"(?:{_TOKEN}|passw|passphrase|secret|(?:api|access|private)[-_]?key|[-_](?:pat|jwt|auth)$|{_PASS}$)"
    r"(?!.*[-_](?:file|path|dir|url|name|type|id|expires|ttl|cmd|command|program|provider)s?$)",
    re.IGNORECASE,
)


def is_secret_variable(name: str) -> bool:
    """Whether the value of a variable of this name is itself secret, rather than what it points to."""
    folded = (
        name.casefold()
    )  # the plain words first: every environment has names, and few have one that needs the pattern
    may_be = any(word in folded for word in ("token", "passw", "passphrase", "secret", "key"))
    return (may_be or folded.endswith(("pat", "pass", "jwt", "auth"))) and _SECRET_VARIABLE.search(name) is not None


_SECRET_PARAMETER = Form(rf"{_WORDS}|sig|auth|cookie|jwt|code", re.IGNORECASE)

_BEGINNINGS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat"),
    *("glpat", "gldt", "glrt", "glcbt", "glptt", "glft", "glsoat", "glagent", "glimt"),
    *(
        "dop_v1",
        "dckr",
        "shpat",
        "shpss",
        "shpca",
        "pypi-",
        "hf_",
        "npm_",
        "sk-",
        "sk_",
        "rk_",
        "lin_api",
        "hvs.",
        "dp.pt",
    ),
    *("whsec_", "r8_", "gsk_", "nvapi-", "pplx-", "tvly-", "lsv2_", "glsa_", "sq0"),
    *("akia", "asia", "aqodyxdz", "fqogzxiv", "fwogzxiv", "iqojb3jp", "aiza", "ya29", "gocspx", "sg."),
    *("tt3x", "xox", "xapp", "akc", "dapi", "eyj"),
)
"""Everything that `_KNOWN_BEGINNINGS` matches contains one of these in lower case."""

_SUSPICIOUS = (
    *(
        "@ :/ ? t/ %3a %3d token pass pwd secret credential keyring api access private auth sig= sig% signature pat= -pat "
        "jwt cookie key= publish login sessionid session_id session-id sid= mysql mariadb basic bearer twine anaconda kinit "
        "key\" key' curl wget hooks. webhooks sudo username= openssl 7z kaggle expect mcli rabbitmq rclone redis-cli sqlcmd "
        "mongo ldap plink pscp psftp"
    ).split(),
    *("| su ", "|su ", "http ", "zip ", "bcp ", "mc alias", "mc config", "mc admin", "net use"),
    *(f"{of}{between}key" for of in _OF_KEYS for between in ("", "-", "_", ".")),
    *_BEGINNINGS,
)
"""Every form contains one of these in lower case.

Words rather than one pattern: compiling that takes 2 ms, and a search for all words a quarter of the pattern's time.
"""


def is_suspicious(text: str) -> bool:
    """Whether a text may contain a secret; most don't."""
    return _is_suspicious(text) if len(text) < 256 else _search(text)


def _search(text: str) -> bool:
    if len(text) < 16 and text.isalpha():
        return False  # the name of a program, perhaps; every form has another character, or more letters
    folded = text.lower()
    # every text of every answer comes here
    for word in _BEGINNINGS if _PATH.fullmatch(text) else _SUSPICIOUS:  # noqa: SIM110, `any` takes twice as long
        if word in folded:
            return True
    return False


_is_suspicious = lru_cache(maxsize=4096)(_search)
"""Values repeat the same paths and names."""

_REFERENCE = r"\{[A-Za-z_][^{}\s/@]*\}|\$\{[A-Za-z_]\w*\}|\$[A-Z_][A-Z0-9_]*(?![A-Za-z0-9])|\ue000\d+\ue001"
_REFERENCES = Form(rf"[\"']?(?:{_REFERENCE})+[\"'`)\]}}>,;:.]*")
"""A reference to a value that is not in the text: `{token}`, `$GH`, `${GH}`, or a stand-in from `commands.references`.

What closes a sentence around it may follow.
"""

_typed: set[str] = set()


def trust_reference(text: str) -> None:
    """Exempt what IPython expanded as a variable: nothing else distinguishes `$token` from the password `$ecret`."""
    _typed.add(text)


def _is_reference(text: str) -> bool:
    return _REFERENCES.fullmatch(text) is not None or text in _typed


# -- options and names -------------------------------------------------------------------------------------------------

_OPTION = (
    r"--?[\w-]{0,64}?(?:token|passw(?:or)?d|passwd|passphrase|pwd|secret|credentials?|(?:api|access|private|secret)[-_]?key"
    rf"|{'|'.join(_KEYS)}|auth|authorization|cookie|[-_]pass|[-_]pat|[-_]jwt)"
)
_IS_OPTION = Form(rf"{_OPTION}|--[\w-]*keyring[\w-]*|--[\w-]*user[-_]?name", re.IGNORECASE)


def is_option_with_secret(word: str) -> bool:
    """Whether an option's next word is secret: `--password`, `--token`, `--api-key`."""
    return word.startswith("-") and _IS_OPTION.fullmatch(word) is not None


_QUOTED_OR_WORD = r"\"[^\"]*\"?|'[^']*'?|[^\s]+"
_PIN = (
    r"(?:===?\s*v?\d+(?:[.!]\d+)*|=\s*v?\d+(?:\.\d+)+)"
    r"(?:\.\*|(?:[.-]?(?:a|b|c|rc|post|dev)\d*)*)(?:\+[\w.]+)?(?=[\s,;)\]\"'`]|$)"
)
"""`asttokens==3.0.2` is a project and its version, and so is conda's `tokenizers=0.15.0`."""

_THEN_SEND = r"\\?(?:[\"'][;\s{})]{1,8}|\s*\{\s*)[\w.]{0,32}?send(?:line)?\b"
_SENT = Form(
    r"(?P<before>\bexpect\b[^\r]{0,512}?(?:asswor|assphrase|asscode|token|secret|credential|api.?key|\bpin\b|\botp\b)"
    r"(?:(?!\bexpect\b)[^\r]){0,256}?(?:\b(?:exp_)?send\s+(?:-[-\w]*\s+)?|\bsend(?:line)?\(\s*)(?P<quote>\\?[\"'])?)"
    r"(?P<value>(?(quote)(?:(?!(?P=quote)|\\[rn]).)+|[^\s\"'{}();\\]+))",
    re.IGNORECASE,
)
"""What expect and pexpect type after a prompt for a secret. What they type after another is no secret."""

_NAMED = Form(
    rf"(?P<before>(?<![\w.-])(?!(?<=\$)(?-i:PWD):)(?!(?-i:(?:OLD)?PWD)=[\"']?(?:[/~.]|[A-Z]:\\))(?:[\w.-]{{0,64}}(?:{_WORDS}|authorization|signature)[\w.-]{{0,64}}"
    rf"|(?:[\w.-]{{0,64}}[-_.])?(?:auth|pat|pass|jwt|sig|cookie|j?session[-_]?id|sid)(?==|%3D)|[A-Z][A-Z0-9_]{{0,64}}_(?:KEY|USERNAME)(?==)"
    rf"|(?-i:[A-Z0-9]{{0,64}}KEY)(?==[\"']?(?![/~.])(?=[\w+/.~-]{{0,64}}\d)(?=[\w+/.~-]{{0,64}}[A-Za-z])[\w+/.~-]{{12}})"
    rf"|\w{{0,64}}{_PASS}(?==|%3D|[\"']\]?\s*[=:]\s*[\"'])|(?<=[\"'])auth(?=[\"']\s*:)"
    r"|(?<=[\"'])key(?=[\"']\s*:\s*[\"'][\da-f]{32}[\"']))"
    rf"[\"']?\]?\s*(?!{_PIN})(?:=>|[=:](?!//|>|{_THEN_SEND})|%3[AD])\s*(?:(?:bearer|basic|token)\s+)?)(?!\*{{4}}(?:[#&;\s]|$))(?P<value>\"[^\"]*\"?|'[^']*'?|[^\s&]+)",
    re.IGNORECASE,
)
_AFTER_OPTION = Form(
    rf"(?P<before>(?<![\w-]){_OPTION}\s+)(?P<value>(?!-){_QUOTED_OR_WORD})",
    re.IGNORECASE,
)
_AFTER_COMMAND = Form(
    r"(?P<before>\b(?:twine|sshpass|anaconda|mysql\w*|mariadb)\b[^|;&\n]{0,256}?\s(?-i:-p)[=\s]?\s*"
    r"|\b(?:publish|login)\b[^|;&\n]{0,256}?\s-[taPpk][=\s]?\s*"
    r"|\b(?:wandb|vault)\s+login\s+(?:--?host\s+\S+\s+|-\S+\s+){0,8}|\bopenssl\s+passwd\s+(?:-\w+\s+){0,8}"
    r"|\banaconda\s+-t[=\s]?\s*|\b7z\w?\b[^|;&\n]{0,256}?\s-p[=\s]?\s*"
    r"|\bopenssl\b[^|;&\n]{0,256}?\s-k\s+|(?<![\w-])--?pass\w{0,8}[=\s]\s*(?=[\"']?pass:)"
    r"|\bconfig\s+set\s+-n\s+[\w.-]{0,64}key\s+-v\s+"
    r"|\b(?:un)?zip\b[^|;&\n]{0,256}?\s(?-i:-P)[=\s]?\s*"
    r"|\bpypi-token\.[\w.-]+\s+|\bhttp-basic\.[\w.-]+\s+\S+\s+|\btoken\s+(?:set|add|install)\s+(?:--?\S+\s+)*"
    rf"|(?:\b(?:set_?env|setx|set(?:\s+--?[\w-]+){{0,4}})|%env)\s+(?:[\w./:-]{{0,64}}(?:{_WORDS})[\w.-]{{0,64}}|\w{{0,64}}{_PASS})\s+|<[\w.-]{{0,64}}(?:{_WORDS})[\w.-]{{0,64}}>"
    r"|\b(?:curl|wget|http)\s[^|;&\n]{0,256}?(?<=\s)(?:-u|-U|-a|-b|--user|--proxy-user|--auth|--cookie)[=\s]?\s*)"
    rf"(?P<value>(?!-)(?:\"[^\"]*\"?|'[^']*'?|(?<=>)[^<\s]+|[^\s]+))",
    re.IGNORECASE,
)
_MC = r"\bmc(?:li)?\s+(?:-\S+\s+)*(?:alias\s+set|config\s+host\s+add)\s+(?:-\S+\s+)*\S+\s+\S+\s+"
_SECOND = Form(
    rf"(?P<before>{_MC}(?:{_QUOTED_OR_WORD})\s+|\bmc\s+admin\s+user\s+add\s+\S+\s+\S+\s+)(?P<value>(?!-)(?:{_QUOTED_OR_WORD}))"
)
_ALONE = Form(
    rf"(?P<before>{_MC}|\bnet\s+use\s+(?:(?:/\S+|\S:|\*|\"?\\\\+[^\s\"]+\"?)\s+){{1,6}}|\bnet\s+user\s+(?:\"[^\"]*\"|[^\s/\"]\S*)\s+"
    r"|\bhtpasswd\s+(?:-\S+\s+)*-\w*b\w*\s+(?:(?!-)\S+\s+){2}|\brabbitmqctl\s+(?:add_user|change_password)\s+\S+\s+|\brclone\s+obscure\s+"
    r"|\b(?:redis-cli|sqlcmd|bcp|mongo\w*|ldap\w+|plink|pscp|psftp)\b[^|;&\n]{0,256}?\s(?-i:-a|-P|-p|-w|-pw)\s+|\bcmdkey\b[^|;&\n]{0,256}?\s/pass:)"
    rf"(?P<value>(?![-/*]|\"?\\|\S:(?:\s|$))(?:{_QUOTED_OR_WORD}))",
    re.IGNORECASE,
)
"""A word that only its place behind a command marks: `net use Z: \\\\server\\share PASSWORD`."""

_HEADER = Form(
    r"(?P<before>(?P<quote>[\"'`])?(?<![\w-])(?:(?:set-)?cookie|(?:proxy-)?authorization"
    r"|x-jfrog-art-api|(?:x-[\w-]{0,64}|private-|job-|deploy-)(?:token|key|auth|secret))(?:[\"']?\s*:[ \t]*))"
    r"(?P<value>\"[^\"\n]*\"|'[^'\n]*'|(?(quote)(?:(?!(?P=quote))[^\n])+|[^\n]+))",
    re.IGNORECASE,
)
_SCHEME = Form(r"(?P<before>\b(?:bearer|basic)\s+)(?P<value>[\w+/.~-]{12,}=*)", re.IGNORECASE)
_READS_IT = (
    r"(?:\bsudo\b(?:\s+-[\w-]+(?:[=\s]\s*(?!-)\S+)?){0,8}\s+-\w*S\b|\bsudo\s+--stdin\b"
    r"|--password-stdin\b|--with-token\b|--passphrase-fd\b|\bsu\s|\bchpasswd\b|\bpasswd\s+--stdin\b|\bkinit\b)"
)
_SAYS = r"\b(?:echo|printf|yes)\s+(?:-\w+\s+)*(?:(?P<quote>[\"'])%s(?:\\n)?(?P=quote)\s+)?"
_QUOTED = r"\"[^\"\n]*\"|'[^'\n]*'"
_PIPED = Form(
    rf"(?P<before>{_SAYS}|<<<\s*|\bprint\(\s*)"
    rf"(?P<value>(?:{_QUOTED}|[^\s|]+|[^\s|;&][^|;&\n]{{0,256}}?)(?=\s*\|[^;\n]{{0,256}}?{_READS_IT})"
    rf"|(?:{_QUOTED}|[^\s|;&)}}]+|[^\s|;&][^|;&)}}\n]{{0,256}}?)(?=[;)}}\s][^|\n]{{0,64}}?\|[^;\n]{{0,256}}?{_READS_IT}))"
)
_HERE_STRING = Form(
    rf"(?P<before>{_READS_IT}[^|;\n]{{0,256}}?(?:<<<\s*|<\s*<\(\s*{_SAYS}))(?P<value>{_QUOTED}|[^\s|;&)]+)"
)
_HERE_DOCUMENT = Form(
    rf"(?P<before>(?:{_READS_IT}[^|;\n]{{0,256}}?<<-?\s*[\"']?\w+"
    rf"|<<-?\s*[\"']?\w+[\"']?\s*\|[^;\n]{{0,256}}?{_READS_IT})[^\n]{{0,256}}\n[ \t]*)(?P<value>[^\n]+)"
)
"""A password that a program reads from standard input: `echo … | sudo -S pip install x` is in many notebooks."""

_NETRC = Form(r"(?P<before>\b(?:login|account|password)\s+)(?P<value>\S+)")

# -- URLs --------------------------------------------------------------------------------------------------------------

_HOST = (
    r"(?:(?!v?\d)[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}|localhost|\d+(?:\.\d+){3}|\[[\da-f:]+\])(?::\d+)?"
    r"(?=[/\s\"'`?#;,&|<>)\]}]|$)"
)
_INSIDE = r"(?:(?!://)\S){0,1024}"
_AUTHORITY = (
    r"(?P<before>(?<=[\w+.-][\w+.-]:)(?<!file:)/{1,3}(?!/)"
    r"|(?<=file:)//(?=[^\s/@]+@)|(?<![^\s\"'=,(])//)(?!(?:git|hg|svn)@)"
)
# For a URL parser, an unescaped slash, space, `?` or `#` in a user name or password ends the authority. So a colon that
# does not start a port number counts as a password's, and everything up to the word's last `@` as the password; a word
# without one continues in the next. If only a host after the `@` gives it away, that host decides.
_USER_INFO = Form(
    rf"{_AUTHORITY}(?P<value>[^/?#\s]*(?=@)"
    rf"|[^?#\s:@\[]*:(?!//)(?!\d*(?:[/?#\s]|$)){_INSIDE}(?=@)"
    rf"|[^/?#\s:@\[]*:(?!\d*(?:[/?#\s]|$))[^\s@]*(?:\s+(?!-)(?!\S*://)[^\s@]+)*?(?:\s+(?!-))?(?!@\s)[^\s@/]*(?=@{_HOST})"
    rf"|(?![\w.-]*/@){_INSIDE}(?<!\.git)(?=@{_HOST}))@"
)
_BARE_USER_INFO = Form(
    r"(?P<before>(?<![^\s\"'=,(]))(?!(?:npm|mailto|file|sha\d+):)"
    rf"(?P<value>[^\s/@:\"'=,(]{{1,256}}:(?!\\)[^\s/@]{{1,512}}(?=@(?!sha\d))"
    rf"|[^\s@:\"'=,(]{{1,256}}:(?!\\|//)[^\s@]{{1,512}}(?=@{_HOST}))@"
)
_ENCODED_USER_INFO = Form(r"(?P<before>%3A%2F%2F)(?P<value>(?:(?!%3A%2F%2F)\S)+?)(?=%40)", re.IGNORECASE)
_QUERY = Form(r"(?P<before>:/{1,3}[^\s?]{0,512}\?|(?<=\S)\?(?=[\w.%~-]+=))(?P<rest>[^\s#]+)")
_PATH_TOKEN = Form(
    r"(?P<before>(?<!file)://?(?:(?!://)[^\s?#]){0,256}?/t/(?![a-z]+(?:-[a-z0-9]+)*/\d+\b)"
    r"|(?<![\w/.-])[\w-]+(?:\.[\w-]+)+(?::\d+)?/(?:[\w.-]+/){0,8}?t/(?=\w*[\d_-]|[\w-]{12})"
    r"|(?<![^\s\"'=,/])t/(?=tk-|[a-z]{2}-[0-9a-f]{8}-|[0-9a-f]{8}-[0-9a-f]{4}-)"
    r"|(?<![^\s\"'=,])t/(?=[\w-]*\d)(?=[\w-]{8}[\w-]*/))(?P<value>[^/\s\"'`?#]+)"
)
_HOST_TOKEN = Form(
    r"(?P<before>://(?:[\w-]+\.)*(?:cloudsmith\.io|packagecloud\.io|fury\.io|repoman\.dev)/(?:priv/)?(?=\w{12,}/)"
    r"|://hooks\.[\w.-]+/\w+/(?:\w+/){0,2}(?=\w{12,})|/api/webhooks/\d+/|://[^\s?#]{1,256}?/(?:token|api[-_]?key)s?/(?=\w*\d)(?=[\w.-]{12,}))"
    r"(?P<value>[^\s?#/\"'`]+)"
)
_FRAGMENT = Form(r"(?P<before>(?<=[\w/=])#)(?P<rest>[^\s#\"'`]+)")
_HARMLESS = Form(r"(?:egg|subdirectory|sha\d+|md5|blake2\w|extras?)=")
_OPAQUE = Form(r"(?=[\w+.~-]{0,64}\d)(?:(?=[\w+.~-]{0,64}[A-Z])[\w+.~-]{12,}|(?=[\w+.~-]{0,64}[a-z])[\w+.~-]{16,})=*")
_KNOWN_BEGINNINGS = Form(
    r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,}"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[\w-]{10,}|dop_v1_\w{16,}|dckr_pat_[\w-]{10,}|shp(?:at|ss|ca)_\w{16,}"
    r"|(?:pypi-|hf_|npm_|sk-|sk_|rk_|lin_api_|hvs\.|dp\.pt\.|whsec_|r8_|gsk_|nvapi-|pplx-|tvly-|lsv2_|glsa_|sq0[a-z]{3}-)"
    r"(?=[\w-]{0,64}[A-Z]|(?=\w{0,64}\d)\w{16}|\w{30})[\w-]{12,}"
    r"|A[KS]IA[A-Z0-9]{12,}|(?:AQoDYXdz|FQoGZXIvYXdz|FwoGZXIvYXdz|IQoJb3JpZ2lu)[\w+/-]{16,}=*|AIza[\w-]{20,}|ya29\.[\w-]{16,}|GOCSPX-[\w-]{16,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|AT[AC]TT3x[\w-]{16,}|xox[a-z]-[\w-]{10,}|xapp-[\w-]{16,}|AKC[a-z]\w{16,}|dapi[0-9a-f]{20,}|eyJ[\w-]{6,}\.[\w-]+(?:\.[\w-]*)*)"
)
_PEM = Form(
    r"-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----(?P<value>.*?)(?:-----END [A-Z ]*PRIVATE KEY[A-Z ]*-----|\Z)", re.DOTALL
)


_CLOSING = re.compile(r"[\"'`)\]}>,;]*$")
_PATH = re.compile(r"(?:[/~]|[A-Za-z]:\\)[^\s:?]*")
"""A local path: what looks like a setting in it is a folder name (`token=x/` in a partitioned data set)."""

_PLAIN_USER = Form(r"(?!(?:\D*\d){3})[A-Za-z_][\w.+-]{0,23}")
_NAMES = (
    "token",
    "pass",
    "pwd",
    "secret",
    "credential",
    "key",
    "auth",
    "sig",
    "pat",
    "jwt",
    "cookie",
    "session",
    "sid",
    "username",
)
"""Everything that `_NAMED` and `_AFTER_OPTION` match contains one of these."""

_COMMANDS = (
    *(
        "twine",
        "sshpass",
        "anaconda",
        "mysql",
        "mariadb",
        "publish",
        "login",
    ),
    *("curl", "wget", "http", "zip", "7z", "openssl"),
)
_PLACED = (
    "mc",
    "net",
    "htpasswd",
    "rabbitmqctl",
    "rclone",
    "redis",
    "sqlcmd",
    "bcp",
    "mongo",
    "ldap",
    "plink",
    "psc",
    "psftp",
    "cmdkey",
)
_IN_A_WORD: tuple[tuple[Form, tuple[str, ...]], ...] = (
    (_SENT, ("expect",)),
    (_ENCODED_USER_INFO, ("%3a",)),
    (_PATH_TOKEN, ("t/",)),
    (_HOST_TOKEN, ("://", "webhooks")),
    (_HEADER, ("cookie", "auth", "art-api", "token", "key", "secret")),
    (_NAMED, _NAMES),
)
"""Each form with words of which a matching text contains at least one."""

_IN_A_LINE: tuple[tuple[Form, tuple[str, ...]], ...] = (
    (_PIPED, ("echo", "print", "yes", "<<<")),
    (_HERE_STRING, ("<<<", "<(")),
    (_HERE_DOCUMENT, ("<<",)),
    (_AFTER_OPTION, _NAMES),
    (_AFTER_COMMAND, (*_COMMANDS, *_NAMES)),
    (_SCHEME, ("bearer", "basic")),
    (_SECOND, ("mc",)),
    (_ALONE, _PLACED),
)
"""The same for forms of several words: each contains a space, a `-` or a `<`."""


class Hiding:
    """Masks the secrets in one text; ``found`` are those that may also appear elsewhere."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def text(self, text: str) -> str:
        """The text with every form of secret masked."""
        folded = text.casefold()
        if any(beginning in folded for beginning in _BEGINNINGS):
            text = _KNOWN_BEGINNINGS.sub(self._whole, text)
        if _PATH.fullmatch(text):
            return text
        if "PRIVATE KEY" in text:
            text = _PEM.sub(self._key, text)
        if "@" in text:
            text = _USER_INFO.sub(self._user_info, text)
            text = _BARE_USER_INFO.sub(self._user_info, text)
        if "?" in text:
            text = _QUERY.sub(self._query, text)
        if "#" in text:
            text = _FRAGMENT.sub(self._fragment, text)
        folded = text.casefold()
        is_line = "-" in text or "<" in text or len(text.split(maxsplit=1)) > 1
        for form, words in (*_IN_A_WORD, *_IN_A_LINE) if is_line else _IN_A_WORD:
            if any(word in folded for word in words):
                text = form.sub(self._value, text)
        if "machine" in text or "default" in text:
            text = _NETRC.sub(self._value, text)
        return text

    def value(self, text: str, *, is_telling: bool = True) -> str:
        """A value in a secret's position: masked unless it is only a reference. A closing quotation mark stays."""
        closing = _CLOSING.search(text)
        end = closing.start() if closing else len(text)
        core = text[:end] or text
        if not core.strip("\"'") or core == MASK or _is_reference(text) or _is_reference(core):
            return text
        if text[:1] in "\"'" and text.endswith(text[0]):
            core, end = text[1:-1], len(text)
        if is_telling:
            self.found.append(core)
        return MASK + text[end:]

    def _whole(self, found: re.Match[str]) -> str:
        self.found.append(found[0])
        return MASK

    def _key(self, found: re.Match[str]) -> str:
        self.found.append(found["value"])
        return MASK

    def _value(self, found: re.Match[str]) -> str:
        return found["before"] + self.value(found["value"])

    def _user_info(self, found: re.Match[str]) -> str:
        user, _, password = found["value"].partition(":")
        is_user_plain = not password or _PLAIN_USER.fullmatch(user) is not None or _is_reference(user)
        if _is_reference(password or user) and is_user_plain:
            return found[0]
        self.found += [password or user, *([user] if password and not _PLAIN_USER.fullmatch(user) else [])]
        return f"{found['before']}{MASK}@"

    def _query(self, found: re.Match[str]) -> str:
        parts = (self._part(part) for part in re.split("([&;])", found["rest"]))
        return found["before"] + "".join(parts)

    def _part(self, part: str) -> str:
        if part in ("", "&", ";"):
            return part
        name, equals, value = part.partition("=")
        is_telling = not equals or _SECRET_PARAMETER.search(name) is not None
        return name + equals + self.value(value, is_telling=is_telling) if equals else self.value(part)

    def _fragment(self, found: re.Match[str]) -> str:
        parts = re.split("([&;])", found["rest"])
        return found["before"] + "".join(each if _is_harmless(each) else self._part(each) for each in parts)


def _is_harmless(part: str) -> bool:
    """Whether a part of a URL fragment selects part of a file, or names a place in a page."""
    return _HARMLESS.match(part) is not None or ("=" not in part and not _OPAQUE.fullmatch(part))
