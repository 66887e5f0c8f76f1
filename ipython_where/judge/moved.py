"""What moved: modules and names that a release of their project dropped, and where they are now.

Reviewed by hand; each line ends with where that is written. Only what is certain is here: a line whose new place has a
different meaning than the old one doesn't belong in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ipython_where.value import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A module, or names in one, that ``owner`` dropped in release ``since``, and where they are now.

    ``owner`` is a project, `Python`, or the platform in parentheses outside of which the module doesn't exist. ``place`` is
    the module that has them now, if any, and ``renamed`` the name's new one. ``project`` provides ``place``, if the owner
    doesn't.
    """

    module: str
    names: tuple[str, ...]
    owner: str
    since: str
    place: str | None
    renamed: str | None
    project: str | None
    source: str


_MOVES = """
sklearn.cross_validation | scikit-learn 0.20 | sklearn.model_selection | | scikit-learn, What's new in 0.18 and 0.20
sklearn.grid_search | scikit-learn 0.20 | sklearn.model_selection | | scikit-learn, What's new in 0.18 and 0.20
sklearn.learning_curve | scikit-learn 0.20 | sklearn.model_selection | | scikit-learn, What's new in 0.18 and 0.20
sklearn.hmm | scikit-learn 0.17 | hmmlearn.hmm | hmmlearn | scikit-learn, What's new in 0.17
sklearn.lda | scikit-learn 0.19 | sklearn.discriminant_analysis:LinearDiscriminantAnalysis | | scikit-learn, What's new in 0.17
sklearn.qda | scikit-learn 0.19 | sklearn.discriminant_analysis:QuadraticDiscriminantAnalysis | | scikit-learn, What's new in 0.17
sklearn.externals.joblib | scikit-learn 0.23 | joblib | joblib | scikit-learn, What's new in 0.21
sklearn.externals.six | scikit-learn 0.23 | six | six | scikit-learn, What's new in 0.21
sklearn.datasets.samples_generator | scikit-learn 0.24 | sklearn.datasets | | scikit-learn, What's new in 0.22
sklearn.datasets.base | scikit-learn 0.24 | sklearn.datasets | | scikit-learn, What's new in 0.22
sklearn.ensemble.forest | scikit-learn 0.24 | sklearn.ensemble | | scikit-learn, What's new in 0.22
sklearn.ensemble.gradient_boosting | scikit-learn 0.24 | sklearn.ensemble | | scikit-learn, What's new in 0.22
sklearn.ensemble.weight_boosting | scikit-learn 0.24 | sklearn.ensemble | | scikit-learn, What's new in 0.22
sklearn.feature_selection.base | scikit-learn 0.24 | sklearn.feature_selection | | scikit-learn, What's new in 0.22
sklearn.linear_model.logistic | scikit-learn 0.24 | sklearn.linear_model | | scikit-learn, What's new in 0.22
sklearn.linear_model.stochastic_gradient | scikit-learn 0.24 | sklearn.linear_model | | scikit-learn, What's new in 0.22
sklearn.metrics.classification | scikit-learn 0.24 | sklearn.metrics | | scikit-learn, What's new in 0.22
sklearn.metrics.ranking | scikit-learn 0.24 | sklearn.metrics | | scikit-learn, What's new in 0.22
sklearn.metrics.regression | scikit-learn 0.24 | sklearn.metrics | | scikit-learn, What's new in 0.22
sklearn.metrics.scorer | scikit-learn 0.24 | sklearn.metrics | | scikit-learn, What's new in 0.22
sklearn.neighbors.classification | scikit-learn 0.24 | sklearn.neighbors | | scikit-learn, What's new in 0.22
sklearn.neural_network.multilayer_perceptron | scikit-learn 0.24 | sklearn.neural_network | | scikit-learn, What's new in 0.22
sklearn.preprocessing.data | scikit-learn 0.24 | sklearn.preprocessing | | scikit-learn, What's new in 0.22
sklearn.svm.classes | scikit-learn 0.24 | sklearn.svm | | scikit-learn, What's new in 0.22
sklearn.tree.tree | scikit-learn 0.24 | sklearn.tree | | scikit-learn, What's new in 0.22
sklearn.utils.testing | scikit-learn 0.24 | - | | scikit-learn, What's new in 0.22
sklearn.utils.linear_assignment_ | scikit-learn 0.23 | scipy.optimize:linear_sum_assignment | scipy | scikit-learn, What's new in 0.21
sklearn.preprocessing:Imputer | scikit-learn 0.22 | sklearn.impute:SimpleImputer | | scikit-learn, What's new in 0.20
sklearn.mixture:GMM | scikit-learn 0.20 | sklearn.mixture:GaussianMixture | | scikit-learn, What's new in 0.18
sklearn.mixture:DPGMM VBGMM | scikit-learn 0.20 | sklearn.mixture:BayesianGaussianMixture | | scikit-learn, What's new in 0.18
sklearn.decomposition:RandomizedPCA | scikit-learn 0.20 | sklearn.decomposition:PCA | | scikit-learn, What's new in 0.18
sklearn.metrics:plot_confusion_matrix | scikit-learn 1.2 | sklearn.metrics:ConfusionMatrixDisplay | | scikit-learn, What's new in 1.0
sklearn.metrics:plot_roc_curve | scikit-learn 1.2 | sklearn.metrics:RocCurveDisplay | | scikit-learn, What's new in 1.0
sklearn.metrics:plot_precision_recall_curve | scikit-learn 1.2 | sklearn.metrics:PrecisionRecallDisplay | | scikit-learn, What's new in 1.0
sklearn.metrics:jaccard_similarity_score | scikit-learn 0.23 | sklearn.metrics:jaccard_score | | scikit-learn, What's new in 0.21
sklearn.inspection:plot_partial_dependence | scikit-learn 1.2 | sklearn.inspection:PartialDependenceDisplay | | scikit-learn, What's new in 1.0
IPython.config | ipython 8 | traitlets.config | traitlets | IPython, What's new in 4.0 (The Big Split)
IPython.html.widgets | ipython 8 | ipywidgets | ipywidgets | IPython, What's new in 4.0 (The Big Split)
IPython.html | ipython 8 | notebook | notebook | IPython, What's new in 4.0 (The Big Split)
IPython.kernel | ipython 8 | jupyter_client | jupyter-client | IPython, What's new in 4.0 (The Big Split)
IPython.nbconvert | ipython 8 | nbconvert | nbconvert | IPython, What's new in 4.0 (The Big Split)
IPython.nbformat | ipython 8 | nbformat | nbformat | IPython, What's new in 4.0 (The Big Split)
IPython.parallel | ipython 8 | ipyparallel | ipyparallel | IPython, What's new in 4.0 (The Big Split)
IPython.qt | ipython 8 | qtconsole | qtconsole | IPython, What's new in 4.0 (The Big Split)
IPython.utils.traitlets | ipython 8 | traitlets | traitlets | IPython, What's new in 4.0 (The Big Split)
IPython.core.display:display | ipython 9 | IPython.display:display | | IPython, What's new in 7.14 and 9.0
IPython.core.display:clear_output publish_display_data | ipython 9 | IPython.display | | IPython, What's new in 7.14
scipy.misc:imread imsave | scipy 1.2 | imageio.v2 | imageio | SciPy 1.2.0 release notes
scipy.misc:imresize imrotate imfilter imshow toimage fromimage bytescale | scipy 1.2 | - | | SciPy 1.2.0 release notes
scipy.misc:comb factorial factorial2 factorialk logsumexp | scipy 1.3 | scipy.special | | SciPy 1.3.0 release notes
scipy.misc:derivative | scipy 1.12 | - | | SciPy 1.12.0 release notes
scipy.misc:ascent face electrocardiogram | scipy 1.12 | scipy.datasets | | SciPy 1.10.0 release notes
scipy.integrate:trapz | scipy 1.14 | scipy.integrate:trapezoid | | SciPy 1.14.0 release notes
scipy.integrate:simps | scipy 1.14 | scipy.integrate:simpson | | SciPy 1.14.0 release notes
scipy.integrate:cumtrapz | scipy 1.14 | scipy.integrate:cumulative_trapezoid | | SciPy 1.14.0 release notes
scipy.linalg:tril triu | scipy 1.13 | numpy | numpy | SciPy 1.13.0 release notes
scipy.signal:hann hamming blackman bartlett boxcar triang tukey kaiser gaussian | scipy 1.13 | scipy.signal.windows | | SciPy 1.13.0 release notes
scipy.stats:binom_test | scipy 1.12 | scipy.stats:binomtest | | SciPy 1.12.0 release notes
scipy.stats:median_absolute_deviation | scipy 1.7 | - | | SciPy 1.5.0 release notes
scipy:interp | scipy 1.9 | numpy:interp | numpy | SciPy 1.4.0 release notes
scipy.weave | scipy 0.19 | - | | SciPy 0.19.0 release notes
numpy:product | numpy 2 | numpy:prod | | NumPy 1.25.0 and 2.0.0 release notes
numpy:cumproduct | numpy 2 | numpy:cumprod | | NumPy 1.25.0 and 2.0.0 release notes
numpy:sometrue | numpy 2 | numpy:any | | NumPy 1.25.0 and 2.0.0 release notes
numpy:alltrue | numpy 2 | numpy:all | | NumPy 1.25.0 and 2.0.0 release notes
numpy:NaN | numpy 2 | numpy:nan | | NumPy 2.0 migration guide
numpy:Inf Infinity infty PINF | numpy 2 | numpy:inf | | NumPy 2.0 migration guide
numpy:float_ | numpy 2 | numpy:float64 | | NumPy 2.0 migration guide
numpy:complex_ | numpy 2 | numpy:complex128 | | NumPy 2.0 migration guide
numpy:unicode_ | numpy 2 | numpy:str_ | | NumPy 2.0 migration guide
numpy:string_ | numpy 2 | numpy:bytes_ | | NumPy 2.0 migration guide
numpy:round_ | numpy 2 | numpy:round | | NumPy 2.0 migration guide
numpy:float | numpy 1.24 | builtins:float | | NumPy 1.24.0 release notes
numpy:int | numpy 1.24 | builtins:int | | NumPy 1.24.0 release notes
numpy:bool8 | numpy 2 | numpy:bool | | NumPy 2.0.0 release notes
numpy:object | numpy 1.24 | builtins:object | | NumPy 1.24.0 release notes
pandas.io.data | pandas 0.19 | pandas_datareader.data | pandas-datareader | pandas, What's new in 0.19.0
pandas.io.wb | pandas 0.19 | pandas_datareader.wb | pandas-datareader | pandas, What's new in 0.19.0
pandas.io.gbq | pandas 3 | pandas_gbq | pandas-gbq | pandas, What's new in 2.2.0
pandas.rpy | pandas 0.20 | rpy2 | rpy2 | pandas, What's new in 0.20.0
pandas.tools.plotting | pandas 0.24 | pandas.plotting | | pandas, What's new in 0.20.0
pandas.tools | pandas 0.24 | pandas | | pandas, What's new in 0.20.0
pandas.tslib | pandas 0.24 | pandas | | pandas, What's new in 0.20.0
pandas.util.testing | pandas 2 | pandas.testing | | pandas, What's new in 1.0.0 and 2.0.0
pandas.core.datetools | pandas 1 | pandas.tseries.offsets | | pandas, What's new in 0.19.0
pandas:scatter_matrix | pandas 0.24 | pandas.plotting:scatter_matrix | | pandas, What's new in 0.20.0
pandas:TimeGrouper | pandas 1 | pandas:Grouper | | pandas, What's new in 0.21.0 and 1.0.0
pandas:datetime | pandas 2 | datetime:datetime | | pandas, What's new in 1.0.0 and 2.0.0
pandas:Int64Index UInt64Index Float64Index | pandas 2 | pandas:Index | | pandas, What's new in 2.0.0
pandas:Panel | pandas 1 | - | | pandas, What's new in 0.25.0
matplotlib.cm:get_cmap | matplotlib 3.9 | matplotlib.pyplot:get_cmap | | Matplotlib 3.9.0 API changes
matplotlib.finance | matplotlib 2.2 | mplfinance | mplfinance | Matplotlib 2.0 API changes; README of mplfinance
mpl_toolkits.axes_grid | matplotlib 3.8 | mpl_toolkits.axes_grid1 | | Matplotlib 3.6.0 and 3.8.0 API changes
matplotlib.mlab:griddata | matplotlib 3.1 | scipy.interpolate:griddata | scipy | Matplotlib 3.1.0 API changes
matplotlib.mlab:bivariate_normal normpdf PCA rec2csv csv2rec | matplotlib 3.1 | - | | Matplotlib 3.1.0 API changes
matplotlib.pyplot:hold ishold | matplotlib 3 | - | | Matplotlib 3.0.0 API changes
networkx:from_numpy_matrix | networkx 3 | networkx:from_numpy_array | | NetworkX 3.0 release notes
networkx:to_numpy_matrix | networkx 3 | networkx:to_numpy_array | | NetworkX 3.0 release notes
networkx:from_scipy_sparse_matrix | networkx 3 | networkx:from_scipy_sparse_array | | NetworkX 3.0 release notes
networkx:to_scipy_sparse_matrix | networkx 3 | networkx:to_scipy_sparse_array | | NetworkX 3.0 release notes
networkx:read_gpickle write_gpickle | networkx 3 | - | | NetworkX 3.0 release notes
networkx:connected_component_subgraphs | networkx 2.4 | - | | NetworkX 2.4 release notes
skimage.filter | scikit-image 0.13 | skimage.filters | | scikit-image 0.11 release notes
skimage.external.tifffile | scikit-image 0.18 | tifffile | tifffile | scikit-image 0.16 release notes
skimage.viewer | scikit-image 0.20 | - | | scikit-image 0.20 release notes
skimage.novice | scikit-image 0.16 | - | | scikit-image 0.16 release notes
skimage.measure:compare_ssim | scikit-image 0.18 | skimage.metrics:structural_similarity | | scikit-image 0.16 and 0.18 release notes
skimage.measure:compare_psnr | scikit-image 0.18 | skimage.metrics:peak_signal_noise_ratio | | scikit-image 0.16 and 0.18 release notes
skimage.measure:compare_mse | scikit-image 0.18 | skimage.metrics:mean_squared_error | | scikit-image 0.16 and 0.18 release notes
skimage.measure:compare_nrmse | scikit-image 0.18 | skimage.metrics:normalized_root_mse | | scikit-image 0.16 and 0.18 release notes
skimage.feature:greycomatrix | scikit-image 0.21 | skimage.feature:graycomatrix | | scikit-image 0.19 release notes
skimage.feature:greycoprops | scikit-image 0.21 | skimage.feature:graycoprops | | scikit-image 0.19 release notes
skimage.morphology:watershed | scikit-image 0.19 | skimage.segmentation:watershed | | scikit-image 0.17 release notes
moviepy.editor | moviepy 2 | moviepy | | MoviePy, Updating from v1.X to v2.X
plotly.plotly | plotly 4 | chart_studio.plotly | chart-studio | plotly, Version 4 migration guide
plotly.presentation_objs | plotly 4 | chart_studio.presentation_objs | chart-studio | plotly, Version 4 migration guide
plotly.grid_objs | plotly 4 | chart_studio.grid_objs | chart-studio | plotly, Version 4 migration guide
flask.ext | flask 1 | - | | Flask 1.0 changelog: `flask_x` for `flask.ext.x`
flask.json:JSONEncoder JSONDecoder | flask 2.3 | flask.json.provider:DefaultJSONProvider | | Flask 2.2.0 and 2.3.0 changelog
flask:Markup escape | flask 3 | markupsafe | MarkupSafe | Flask 2.3.0 and 3.0.0 changelog
flask:_request_ctx_stack _app_ctx_stack | flask 2.3 | - | | Flask 2.3.0 changelog
jinja2:Markup escape | jinja2 3.1 | markupsafe | MarkupSafe | Jinja 3.1.0 changelog
jinja2:contextfilter contextfunction | jinja2 3.1 | jinja2:pass_context | | Jinja 3.1.0 changelog
jinja2:evalcontextfilter evalcontextfunction | jinja2 3.1 | jinja2:pass_eval_context | | Jinja 3.1.0 changelog
jinja2:environmentfilter environmentfunction | jinja2 3.1 | jinja2:pass_environment | | Jinja 3.1.0 changelog
werkzeug.contrib.cache | werkzeug 1 | cachelib | cachelib | Werkzeug 1.0.0 changelog
werkzeug.contrib.fixers | werkzeug 1 | werkzeug.middleware.proxy_fix | | Werkzeug 0.15.0 and 1.0.0 changelog
werkzeug.contrib.profiler | werkzeug 1 | werkzeug.middleware.profiler | | Werkzeug 0.15.0 and 1.0.0 changelog
werkzeug.contrib | werkzeug 1 | - | | Werkzeug 1.0.0 changelog
werkzeug:secure_filename cached_property redirect | werkzeug 1 | werkzeug.utils | | Werkzeug 1.0.0 changelog
werkzeug:generate_password_hash check_password_hash | werkzeug 1 | werkzeug.security | | Werkzeug 1.0.0 changelog
werkzeug:FileStorage ImmutableMultiDict MultiDict | werkzeug 1 | werkzeug.datastructures | | Werkzeug 1.0.0 changelog
werkzeug.urls:url_quote | werkzeug 3 | urllib.parse:quote | | Werkzeug 2.3.0 and 3.0.0 changelog
werkzeug.urls:url_parse | werkzeug 3 | urllib.parse:urlsplit | | Werkzeug 2.3.0 and 3.0.0 changelog
werkzeug.urls:url_encode | werkzeug 3 | urllib.parse:urlencode | | Werkzeug 2.3.0 and 3.0.0 changelog
werkzeug.urls:url_decode | werkzeug 3 | urllib.parse:parse_qs | | Werkzeug 2.3.0 and 3.0.0 changelog
gensim.summarization | gensim 4 | - | | Gensim, Migrating from 3.x to 4
gensim.models.wrappers | gensim 4 | - | | Gensim, Migrating from 3.x to 4
langchain.text_splitter | langchain 1 | langchain_text_splitters | langchain-text-splitters | LangChain v1 migration guide
langchain.document_loaders | langchain 1 | langchain_community.document_loaders | langchain-community | LangChain v0.2 and v1 migration guides
langchain.vectorstores | langchain 1 | langchain_community.vectorstores | langchain-community | LangChain v0.2 and v1 migration guides
langchain.llms | langchain 1 | langchain_community.llms | langchain-community | LangChain v0.2 and v1 migration guides
langchain.utilities | langchain 1 | langchain_community.utilities | langchain-community | LangChain v0.2 and v1 migration guides
langchain.prompts | langchain 1 | langchain_core.prompts | langchain-core | LangChain v1 migration guide
langchain.output_parsers | langchain 1 | langchain_core.output_parsers | langchain-core | LangChain v1 migration guide
langchain.chains | langchain 1 | langchain_classic.chains | langchain-classic | LangChain v1 migration guide
langchain.memory | langchain 1 | langchain_classic.memory | langchain-classic | LangChain v1 migration guide
langchain.retrievers | langchain 1 | langchain_classic.retrievers | langchain-classic | LangChain v1 migration guide
langchain.indexes | langchain 1 | langchain_classic.indexes | langchain-classic | LangChain v1 migration guide
langchain.hub | langchain 1 | langchain_classic.hub | langchain-classic | LangChain v1 migration guide
langchain.chat_models:ChatOpenAI AzureChatOpenAI | langchain 1 | langchain_openai | langchain-openai | LangChain v0.2 migration guide
langchain.embeddings:OpenAIEmbeddings | langchain 1 | langchain_openai | langchain-openai | LangChain v0.2 migration guide
langchain:LLMChain | langchain 1 | langchain_classic.chains | langchain-classic | LangChain v1 migration guide
langchain:PromptTemplate | langchain 1 | langchain_core.prompts | langchain-core | LangChain v1 migration guide
torch._six | torch 1.13 | - | | PyTorch 1.13 and 2.0 release notes
torchtext.legacy | torchtext 0.12 | - | | torchtext 0.12.0 release notes
torchvision.transforms.functional_tensor | torchvision 0.17 | torchvision.transforms.functional | | torchvision 0.15 and 0.17 release notes
tensorflow.contrib | tensorflow 2 | - | | TensorFlow, Migrate to TensorFlow 2
tensorflow.examples | tensorflow 2 | - | | TensorFlow 2.0 release notes
keras.utils.np_utils | keras 3 | keras.utils | | Keras 3, utilities
keras.wrappers.scikit_learn | keras 3 | scikeras.wrappers | scikeras | SciKeras, Migrating from keras.wrappers.scikit_learn
collections:Mapping MutableMapping Sequence MutableSequence Set MutableSet Iterable Iterator Callable Hashable Sized Container Generator MappingView KeysView ItemsView ValuesView Awaitable Coroutine | Python 3.10 | collections.abc | | What's New in Python 3.10
fractions:gcd | Python 3.9 | math:gcd | | What's New in Python 3.9
inspect:getargspec | Python 3.11 | inspect:getfullargspec | | What's New in Python 3.11
asyncio:coroutine | Python 3.11 | - | | What's New in Python 3.11
time:clock | Python 3.8 | time:perf_counter | | What's New in Python 3.8
cgi:escape | Python 3.8 | html:escape | | What's New in Python 3.8
platform:linux_distribution | Python 3.8 | distro | distro | What's New in Python 3.8
base64:encodestring | Python 3.9 | base64:encodebytes | | What's New in Python 3.9
base64:decodestring | Python 3.9 | base64:decodebytes | | What's New in Python 3.9
configparser:SafeConfigParser | Python 3.12 | configparser:ConfigParser | | What's New in Python 3.12
itertools:izip | Python 3 | builtins:zip | | What's New in Python 3.0
itertools:imap | Python 3 | builtins:map | | What's New in Python 3.0
itertools:ifilter | Python 3 | builtins:filter | | What's New in Python 3.0
itertools:izip_longest | Python 3 | itertools:zip_longest | | What's New in Python 3.0
urllib:urlopen urlretrieve | Python 3 | urllib.request | | PEP 3108
urllib:urlencode quote quote_plus unquote unquote_plus | Python 3 | urllib.parse | | PEP 3108
urllib2 | Python 3 | urllib.request | | PEP 3108
urlparse | Python 3 | urllib.parse | | PEP 3108
robotparser | Python 3 | urllib.robotparser | | PEP 3108
ConfigParser | Python 3 | configparser | | PEP 3108
cPickle | Python 3 | pickle | | PEP 3108
StringIO | Python 3 | io | | PEP 3108
cStringIO | Python 3 | io | | PEP 3108
Queue | Python 3 | queue | | PEP 3108
SocketServer | Python 3 | socketserver | | PEP 3108
Tkinter | Python 3 | tkinter | | PEP 3108
tkMessageBox | Python 3 | tkinter.messagebox | | PEP 3108
tkFileDialog | Python 3 | tkinter.filedialog | | PEP 3108
ttk | Python 3 | tkinter.ttk | | PEP 3108
HTMLParser | Python 3 | html.parser | | PEP 3108
htmlentitydefs | Python 3 | html.entities | | PEP 3108
cookielib | Python 3 | http.cookiejar | | PEP 3108
Cookie | Python 3 | http.cookies | | PEP 3108
httplib | Python 3 | http.client | | PEP 3108
BaseHTTPServer | Python 3 | http.server | | PEP 3108
SimpleHTTPServer | Python 3 | http.server | | PEP 3108
xmlrpclib | Python 3 | xmlrpc.client | | PEP 3108
SimpleXMLRPCServer | Python 3 | xmlrpc.server | | PEP 3108
copy_reg | Python 3 | copyreg | | PEP 3108
repr | Python 3 | reprlib | | PEP 3108
anydbm | Python 3 | dbm | | PEP 3108
UserDict | Python 3 | collections | | PEP 3108
commands | Python 3 | subprocess | | PEP 3108
__builtin__ | Python 3 | builtins | | PEP 3108
thread | Python 3 | _thread | | PEP 3108
_winreg | Python 3 | winreg | | PEP 3108
imp | Python 3.12 | importlib | | What's New in Python 3.12, with a line for each function
asyncore | Python 3.12 | asyncio | | What's New in Python 3.12
asynchat | Python 3.12 | asyncio | | What's New in Python 3.12
smtpd | Python 3.12 | aiosmtpd | aiosmtpd | What's New in Python 3.12
pipes | Python 3.13 | subprocess | | What's New in Python 3.13
audioop | Python 3.13 | audioop | audioop-lts | What's New in Python 3.13
cgi | Python 3.13 | cgi | legacy-cgi | What's New in Python 3.13
cgitb | Python 3.13 | cgitb | legacy-cgi | What's New in Python 3.13
telnetlib | Python 3.13 | telnetlib3 | telnetlib3 | What's New in Python 3.13
google.colab | (Google Colab) | - | | googlecolab/colabtools
kaggle_secrets | (Kaggle) | - | | Kaggle, Notebooks documentation
kaggle_datasets | (Kaggle) | - | | Kaggle, Notebooks documentation
pyspark.dbutils | (Databricks) | - | | Databricks Utilities reference
"""


def only_on(module: str, platform: str) -> Move:
    """What a line of the table would say of a module that only one platform has."""
    return _move(f"{module} | ({platform}) | - | |")


def moves() -> Iterator[Move]:
    """All lines of the table."""
    for line in _MOVES.splitlines():
        if line:
            yield _move(line)


def moves_of(module: str) -> Iterator[Move]:
    """The lines about a module or a package that it is in: the module's own first, then its parents'."""
    while module:
        start = -1
        while (start := _MOVES.find(f"\n{module}", start + 1)) >= 0:
            end = start + 1 + len(module)
            if _MOVES[end] in ": ":
                yield _move(_MOVES[start + 1 : _MOVES.index("\n", end)])
        module = module.rpartition(".")[0]


def _move(line: str) -> Move:
    old, owned, new, project, source = (each.strip() for each in line.split("|"))
    module, _, names = old.partition(":")
    place, _, renamed = new.partition(":")
    owner, _, since = (owned, "", "") if owned.startswith("(") else owned.rpartition(" ")
    return Move(
        module=module,
        names=tuple(names.split()),
        owner=owner.strip("()"),
        since=since,
        place=place if place != "-" else None,
        renamed=renamed or None,
        project=project or None,
        source=source,
    )
