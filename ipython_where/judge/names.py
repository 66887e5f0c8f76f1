"""Which project provides a missing import name, if that is certain; and words that are nearly the same.

The table is deliberately short: each entry was checked against the project's own wheel or sources, and anything else is
unknown. Installing a project because its name resembles the import name is just what typosquatters hope for.
"""

from __future__ import annotations

from collections.abc import Iterable

_PROJECTS = {
    "Bio": "biopython",
    "Crypto": "pycryptodome",
    "Cryptodome": "pycryptodomex",
    "Cython": "Cython",
    "IPython": "ipython",
    "Levenshtein": "Levenshtein",
    "MySQLdb": "mysqlclient",
    "OpenGL": "PyOpenGL",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "Stemmer": "PyStemmer",
    "antlr4": "antlr4-python3-runtime",
    "attr": "attrs",
    "azure.core": "azure-core",
    "azure.identity": "azure-identity",
    "azure.storage.blob": "azure-storage-blob",
    "bs4": "beautifulsoup4",
    "bson": "pymongo",
    "can": "python-can",
    "community": "python-louvain",
    "cython": "Cython",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "decouple": "python-decouple",
    "django": "Django",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "faker": "Faker",
    "fitz": "PyMuPDF",
    "flask": "Flask",
    "flask_cors": "flask-cors",
    "flask_login": "Flask-Login",
    "flask_sqlalchemy": "Flask-SQLAlchemy",
    "flask_wtf": "Flask-WTF",
    "fpdf": "fpdf2",
    "git": "GitPython",
    "github": "PyGithub",
    "google.api_core": "google-api-core",
    "google.auth": "google-auth",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.storage": "google-cloud-storage",
    "google.genai": "google-genai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "google_auth_oauthlib": "google-auth-oauthlib",
    "googleapiclient": "google-api-python-client",
    "gridfs": "pymongo",
    "grpc": "grpcio",
    "grpc_tools": "grpcio-tools",
    "imblearn": "imbalanced-learn",
    "jinja2": "Jinja2",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown": "Markdown",
    "markdown_it": "markdown-it-py",
    "markupsafe": "MarkupSafe",
    "mpl_toolkits": "matplotlib",
    "mpl_toolkits.basemap": "basemap",
    "multipart": "python-multipart",
    "mysql.connector": "mysql-connector-python",
    "nacl": "PyNaCl",
    "opentelemetry.sdk": "opentelemetry-sdk",
    "ot": "POT",
    "pdfminer": "pdfminer.six",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "progressbar": "progressbar2",
    "psycopg2": "psycopg2-binary",
    "pulp": "PuLP",
    "pygments": "Pygments",
    "pylab": "matplotlib",
    "pymysql": "PyMySQL",
    "pywt": "PyWavelets",
    "rest_framework": "djangorestframework",
    "ruamel.yaml": "ruamel.yaml",
    "serial": "pyserial",
    "shapefile": "pyshp",
    "skfem": "scikit-fem",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skrf": "scikit-rf",
    "slugify": "python-slugify",
    "socks": "PySocks",
    "sphinx": "Sphinx",
    "sqlalchemy": "SQLAlchemy",
    "telegram": "python-telegram-bot",
    "tensorflow": "tensorflow",
    "torch_geometric": "torch-geometric",
    "umap": "umap-learn",
    "unidecode": "Unidecode",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "werkzeug": "Werkzeug",
    "wtforms": "WTForms",
    "xlsxwriter": "xlsxwriter",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
    "zope.interface": "zope.interface",
}
"""Import name (dotted inside a namespace package) to project. If several projects provide it (`cv2`, `psycopg2`,
`faiss`), the one that its authors recommend to beginners."""

_ALIKE = """
accelerate aiohttp altair anthropic anyio arviz astropy asyncpg attrs bcrypt black bokeh boto3 botocore cartopy
celery cffi chardet click cloudpickle cryptography cvxpy dash dask datasets deepdiff dill docker duckdb einops emcee
fastapi fastparquet fiona flax geopandas graphviz greenlet gspread gymnasium h5py httpx huggingface_hub hypothesis
igraph imageio ipykernel ipywidgets jax joblib jsonschema jupyterlab keras langchain librosa lightgbm lightning
loguru lxml matplotlib mistune mpmath msgpack mypy nbconvert nbformat netCDF4 networkx nibabel nltk notebook numba
numexpr numpy onnx onnxruntime openai openpyxl optax optuna orjson ortools pandas paramiko peewee pendulum pexpect
pint playwright plotly polars psutil psycopg pyarrow pydantic pydantic_settings pydicom pydot pydub pymongo pyodbc
pyparsing pypdf pyproj pytest pytorch_lightning pytz qrcode qutip rapidfuzz ray rdflib redis regex reportlab
requests rich ruff sacrebleu scapy scipy seaborn selenium sentence_transformers sentencepiece setuptools shap
shapely six skyfield sounddevice soundfile spacy sqlmodel starlette statsmodels streamlit structlog sympy tables
tabulate tenacity tensorboard tiktoken timm tokenizers toml tomli tomlkit torch torchmetrics torchvision tornado
tqdm transformers trimesh trio typer ujson urllib3 uvicorn vtk wandb watchdog websockets wordcloud wrapt xarray
xgboost xlrd xmltodict yfinance zstandard
"""
_SAME_NAME = frozenset(_ALIKE.split())


_PLACEHOLDERS = {
    "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv",
    "imblearn": "imbalanced-learn",
    "pytorch": "torch",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "zmq": "pyzmq",
}
"""Projects on PyPI that, by their own description, only tell you to install another one."""

_ABSENT = {"cv2": "opencv-python", "dateutil": "python-dateutil", "pil": "pillow", "yaml": "PyYAML"}
"""Import names that no PyPI project has."""


def project_meant(name: str) -> tuple[str, bool] | None:
    """The project meant by a placeholder's name (True), or by a name that no project has (False); None for other names."""
    folded = name.lower().replace("_", "-")
    if folded in _PLACEHOLDERS:
        return _PLACEHOLDERS[folded], True
    return (_ABSENT[folded], False) if folded in _ABSENT else None


def project_for(module: str) -> str | None:
    """The project to install for an import name, dotted or not, or for a project name; None if that is uncertain."""
    name = module
    while name:
        if name in _PROJECTS:
            return _PROJECTS[name]
        if name in _SAME_NAME:
            return name.replace("_", "-")
        name = name.rpartition(".")[0]
    wanted = folded(module)
    return next((project for project in _PROJECTS.values() if folded(project) == wanted), None)


_LEFT = {"pkg_resources": ("setuptools", "82")}
"""Modules that were dropped from their project, with the first release without them."""


def left_in(module: str) -> str | None:
    """The first release of its project without a module; None if the project still has it."""
    return _LEFT.get(module.partition(".")[0], (None, None))[1]


def requirement_for(module: str) -> str | None:
    """What to install for an import name, if that is certain: the project, in a version that still has the module."""
    project, release = project_for(module), left_in(module)
    return f"{project}<{release}" if project is not None and release is not None else project


_REMOVED = {
    "3.11": "binhex",
    "3.12": "asynchat asyncore distutils imp smtpd",
    "3.13": "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd "
    "sunau telnetlib uu xdrlib",
}
"""Modules that were dropped from the standard library, by the first Python release without them."""


def removed_in(module: str) -> str | None:
    """The first Python release whose standard library lacks a module (PEP 594, PEP 632); None for any other module."""
    top = module.partition(".")[0]
    return next((release for release, names in _REMOVED.items() if top in names.split()), None)


def imported_as(name: str) -> str | None:
    """The import name of a project that was imported by its own name (`beautifulsoup4` is imported as `bs4`), if any."""
    wanted = folded(name)
    modules = [module for module in _SAME_NAME if folded(module) == wanted] or [
        module for module, project in _PROJECTS.items() if folded(project) == wanted
    ]
    is_import_name = name in _PROJECTS or name in _SAME_NAME
    return modules[0] if len(modules) == 1 and not is_import_name else None


def near(name: str, known: Iterable[str], *, limit: int = 3) -> tuple[str, ...]:
    """Words from a closed vocabulary, such as options, that may be what was meant, likeliest first.

    For a module, which may be any of half a million, see `misspelt`. Words of four letters or more may have one slip
    (an extra, missing or different letter, or two swapped), words of eight or more may have two.
    """
    wanted = folded(name)
    slips = 0 if len(wanted) < 4 else 1 if len(wanted) < 8 else 2
    letters = set(wanted)
    ranked = []
    for other in set(known):
        if other == name or abs(len(other) - len(wanted)) > slips:
            continue
        candidate = folded(other)
        if len(letters.symmetric_difference(candidate)) > 2 * slips:
            continue
        distance = _distance(wanted, candidate, slips)
        if distance <= slips:
            ranked.append((distance, candidate[:1] != wanted[:1], other))
    return tuple(other for _, _, other in sorted(ranked)[:limit])


_SEPARATORS = str.maketrans("-.", "__")


def folded(name: str) -> str:
    """A name normalized for case and separators."""
    return name.lower().translate(_SEPARATORS)


def _distance(a: str, b: str, most: int) -> int:
    """The number of slips between two words (optimal string alignment), exact up to ``most``."""
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if not a or not b or max(len(a), len(b)) == 1:
        return max(len(a), len(b))
    return _aligned(a, b, most)


def _aligned(a: str, b: str, most: int) -> int:
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(b, 1):
            best = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and other == a[i - 2]:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        if min(row) > most and min(before) > most:
            return most + 1
    return row[-1]
