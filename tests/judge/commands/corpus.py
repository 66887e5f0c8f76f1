"""Command lines as people type them in notebooks, grouped by what is in them.

What stands after `!`, or in a `%%bash` cell: one command a line; in `CELLS`, where a command takes several lines, they
are separated by empty ones. ``@name@`` stands for a path of the machine in `recorders.py`, ``@X.Y@`` for the Python's
version. In the working directory are an environment `env` and others, `requirements.txt`, `setup.sh`, a project in
`proj`, wheels in `wheels`, and a file `sixe`.
"""

from __future__ import annotations

# Run with every PATH: what counts is who is meant.
PROGRAMS = r"""
pip install numpy
pip3 install numpy
pip@X.Y@ install numpy
python -m pip install numpy
python3 -m pip install numpy
python@X.Y@ -m pip install numpy
python -mpip install numpy
python -I -m pip install numpy
python3 -E -s -m pip install -U pip
python -Im pip install numpy
python -u -W ignore -m pip install numpy
python -X utf8 -m pip install numpy
pip uninstall -y numpy
pip list
pip --version
python -m pip --version
python -m pip list --outdated
@kernel@ -m pip install numpy
@venv@/bin/pip install numpy
@uv@/bin/python -m pip install numpy
"@with space@/bin/python" -m pip install numpy
"@with space@/bin/pip" install numpy
env/bin/pip install numpy
./env/bin/pip install numpy
env/bin/python -m pip install numpy
./env/bin/python3 -m pip install -r requirements.txt
.venv/bin/pip install numpy
~/myenv/bin/pip install numpy
~/myenv/bin/python -m pip install numpy
$HOME/myenv/bin/pip install numpy
"${HOME}/myenv/bin/pip" install numpy
uv pip install numpy
cd proj && pip install -e .
cd proj && python -m pip install -r ../requirements.txt
"""

PIP = r"""
pip install pandas
pip install numpy pandas matplotlib
pip install -q numpy
pip install --quiet --upgrade pip
pip install -U pip setuptools wheel
pip install --upgrade pip
pip -q install huggingface-hub
pip3 -q install sentence-transformers langchain
pip install -qU langchain openai
pip install -Uqq fastbook
pip install -qqq transformers accelerate
pip install -r requirements.txt
pip install -q -r requirements.txt
pip install -r requirements.txt --quiet
pip install -Uq -r requirements.txt --no-deps --no-index
pip install --no-cache-dir -r requirements.txt -c constraints.txt
pip install numpy==1.24.4
pip install tensorflow==2.15.0 keras==2.15.0
pip install torch==2.1.0+cu118 torchvision==0.16.0+cu118 -f https://wheels.example/whl/torch_stable.html
pip install torch==2.1.0 torchvision==0.16.0 torchaudio==2.1.0 --index-url https://wheels.example/whl/cu118
pip install --pre torch --extra-index-url https://wheels.example/whl/nightly/cpu
pip install "numpy>=1.24"
pip install 'numpy<2'
pip install 'numpy<2.0.0' 'pandas>=1.3.0' 'scikit-learn>=1.0.0'
pip install "transformers[torch]==4.36.2"
pip install 'qrcode[pil]' "uvicorn[standard]"
pip install numpy\>=1.20
pip install numpy~=1.24
pip install scikit-learn!=1.3
pip install -e .
pip install -e proj
pip install -e ./proj[dev]
pip install -e ".[dev,test]"
pip install --editable proj --no-build-isolation
pip install .
pip install ./proj
pip install wheels/demo-1.0-py3-none-any.whl
pip install --force-reinstall --no-deps wheels/demo-1.0-py3-none-any.whl
pip install --find-links=wheels --no-index demo
pip install git+https://github.com/openai/CLIP.git
pip install git+https://github.com/huggingface/transformers.git@main
pip install "git+https://github.com/huggingface/peft.git#egg=peft"
pip install git+https://github.com/huggingface/peft.git#egg=peft
pip install -U git+https://github.com/qubvel/efficientnet --no-deps
pip install git+ssh://git@github.com/org/private.git
pip install https://github.com/explosion/spacy-models/releases/download/en_core_web_sm-3.7.0/en_core_web_sm-3.7.0-py3-none-any.whl
pip install https://github.com/ultralytics/yolov5/archive/master.zip
pip install 'package @ git+https://github.com/me/package.git'
pip install six[extra]
pip install transformers[sentencepiece] datasets[audio]
pip install wheels/*.whl
pip install ./wheels/demo-*.whl
pip install {numpy,pandas}
pip install --user numpy
pip install numpy --user
pip install --target=libs requests
pip install --target ./libs requests
pip install -t libs requests
pip install --prefix ./prefix requests
pip install --prefix=/tmp/nowhere requests
pip install --root ./root requests
pip install --break-system-packages numpy
pip install --ignore-installed PyYAML
pip install --upgrade --force-reinstall --no-cache-dir numpy
pip install --trusted-host index.example --trusted-host files.example numpy
pip install -i https://pypi.tuna.tsinghua.edu.cn/simple numpy
pip install --proxy http://user:secret@proxy.example:3128 numpy
pip install --use-deprecated=legacy-resolver numpy
pip --disable-pip-version-check install numpy
pip --no-cache-dir install numpy
pip --log pip.log install numpy
pip --python @uv@/bin/python install numpy
pip --python=.venv install numpy
pip --python env list
pip install --dry-run numpy
pip install -h
pip uninstall numpy -y
pip uninstall --yes numpy pandas
pip uninstall -y -r requirements.txt
pip uninstall -y torch torchvision torchaudio
pip install
pip
pip help
pip -V
pip show numpy
pip show numpy pandas
pip freeze
pip list --format=freeze
pip check
pip search numpy
pip cache purge
pip cache dir
pip config list
pip config set global.index-url https://pypi.example/simple
pip config debug
pip debug
pip inspect
pip index versions numpy
pip download numpy -d wheels
pip wheel . -w wheels
pip hash wheels/demo-1.0-py3-none-any.whl
pip completion --bash
pip lock -r requirements.txt
pip instal numpy
pip install numpy,pandas
pip install "numpy pandas"
pip install numpy;
pip install numpy ;
 pip install numpy
pip  install   numpy
"pip" install numpy
p'i'p install numpy
\pip install numpy
pip 'install' "numpy"
pip install numpy""
pip install ''
python -m pip install 'pandas' "numpy" matplotlib
python -m "pip" install numpy
python -m pip uninstall -y numpy
python -m pip show numpy
python -m pip freeze
python -W ignore -m pip list
python -m pip -q install numpy
python env/bin/pip install numpy
"""

REDIRECTIONS = r"""
pip install numpy>=1.0
pip install numpy>1.0
pip install -q numpy>=1.24 pandas>=2.0
pip install numpy > /dev/null
pip install numpy >/dev/null 2>&1
pip install -q numpy 2>/dev/null
pip install numpy 2>&1
pip install numpy &> /dev/null
pip install numpy >& /dev/null
pip install numpy &>> install.log
pip install numpy >> install.log 2>> errors.log
pip install numpy > install.log 2>&1 < /dev/null
> install.log pip install numpy
2>/dev/null pip install numpy
pip install > log numpy
pip install numpy<2
pip install numpy < requirements.txt
pip install -r /dev/stdin < requirements.txt
pip freeze > requirements-frozen.txt
pip freeze>requirements-frozen.txt
pip list --format=freeze > requirements-frozen.txt
pip install numpy > missing/dir/log
pip install numpy > /dev/null && echo installed
pip install -r requirements.txt > log.txt && tail -1 log.txt
pip install -r requirements.txt 2>&1 | tail -n 1
{ pip install numpy; } > log.txt 2>&1
( pip install numpy && pip install pandas ) > log.txt
pip install numpy 2>&1 >/dev/null | grep -i error
exec > log.txt; pip install numpy
pip install numpy 3>&1 1>&2 2>&3
"""

SEPARATORS = r"""
pip install numpy && pip install pandas
pip install numpy; pip install pandas
pip install numpy ;pip install pandas;
pip install numpy || pip install pandas
pip install numpy || true
pip install numpy && echo ok || echo failed
pip install numpy || pip3 install numpy || python -m pip install numpy
pip install -U pip && pip install -r requirements.txt && pip list
pip uninstall -y numpy && pip install numpy==1.24.4
pip uninstall -y torchvision; pip install -qU torchvision
true && pip install numpy
false && pip install numpy
true || pip install numpy
false || pip install numpy
: && pip install numpy
! pip install numpy
! false && pip install numpy
! true || pip install numpy
false; pip install numpy
false && pip install numpy || pip install pandas
false && true && pip install numpy
true || false || pip install numpy
true && false || pip install numpy
echo installing && pip install numpy
echo "pip install pandas" && pip install numpy
ls && pip install numpy
apt-get update && apt-get install -y graphviz && pip install graphviz
apt-get -qq install -y ffmpeg; pip install ffmpeg-python
apt install -y mecab > /dev/null; pip install mecab-python3 > /dev/null
wget -q https://example.com/requirements.txt && pip install -r requirements.txt
git clone https://github.com/facebookresearch/segment-anything.git; cd segment-anything; pip install -e .
git clone https://github.com/cvg/LightGlue.git && cd LightGlue && pip install -e .
git clone https://github.com/me/repo && pip install -r repo/requirements.txt
python -c "import numpy" || pip install numpy
python -c "import numpy" 2>/dev/null || pip install -q numpy
python -c 'import sys; sys.exit(0)' && pip install numpy
pip show numpy > /dev/null 2>&1 || pip install numpy
pip show numpy || pip install numpy && echo there
pip list | grep -q numpy || pip install numpy
command -v uv >/dev/null 2>&1 || pip install uv
command -v nothing-of-this-name || pip install numpy
which pip && pip install numpy
test -f requirements.txt && pip install -r requirements.txt
[ -f requirements.txt ] && pip install -r requirements.txt
[ -f missing.txt ] && pip install -r missing.txt
[ -d .venv ] || python -m venv .venv
[[ -f requirements.txt ]] && pip install -r requirements.txt
set -e; pip install numpy; pip install pandas
set -ex; pip install numpy
set -x && pip install numpy
exit 0; pip install numpy
exit; pip install numpy
pip install numpy; exit 1; pip install pandas
pip install numpy & pip install pandas
pip install numpy &
pip install numpy & wait
(pip install numpy)
( pip install numpy; pip install pandas )
(cd proj && pip install -e .)
(cd proj; pip install -e .); pip install numpy
(exit 1) || pip install numpy
{ pip install numpy; pip install pandas; }
{ pip install numpy && pip install pandas; } || echo failed
if true; then pip install numpy; fi
if false; then pip install numpy; else pip install pandas; fi
if ! command -v uv; then pip install uv; fi
if command -v uv; then uv pip install numpy; else pip install numpy; fi
if [ -f requirements.txt ]; then pip install -r requirements.txt; fi
if [ ! -d repo ]; then git clone https://github.com/me/repo; fi; cd repo && pip install .
if pip show numpy; then echo there; else pip install numpy; fi
if python -c "import numpy"; then :; else pip install numpy; fi
pip install numpy; (pip install pandas); { pip install six; }
pip install numpy && (pip install pandas || pip install polars)
pip install numpy # && pip install pandas
pip install numpy&&pip install pandas
pip install numpy||echo failed
"""

PIPES = r"""
pip list | grep numpy
pip list | grep -E "neo4j|py2neo|pandas"
pip list | grep -i torch | head -1
pip freeze | grep numpy
pip list --outdated | tail -n +3 | wc -l
pip install numpy | tail -1
pip install numpy | tee install.log
pip install -r requirements.txt | grep -v "already satisfied"
pip install numpy 2>&1 | grep -v 'already satisfied' || true
yes | pip uninstall numpy
yes | pip install transformers==2.10.0
yes | conda install numpy
echo y | pip uninstall numpy
printf 'y\n' | pip uninstall numpy
cat requirements.txt | pip install -r /dev/stdin
pip freeze | pip uninstall -y -r /dev/stdin
pip list | python -c "import sys; sys.stdin.read()"
pip debug --verbose | grep cp | head -3
pip install numpy |& tail -1
pip show numpy | grep Version && pip install pandas
cat requirements.txt | grep -v torch | tee r.txt && pip install -r r.txt
pip list | cat | cat
false | pip install numpy
pip install numpy | false && pip install pandas
time pip install numpy | cat
grep -v '#' requirements.txt | xargs pip install
cat requirements.txt | xargs -n 1 pip install
cat requirements.txt | xargs -n1 -I{} pip install {}
pip freeze | xargs pip uninstall -y
pip freeze | grep -v "^-e" | cut -d = -f 1 | xargs pip install -U
pip list --outdated --format=freeze | cut -d= -f1 | xargs -n1 pip install -U
"""

PREFIXES = r"""
CMAKE_ARGS="-DLLAMA_CUBLAS=on" FORCE_CMAKE=1 pip install llama-cpp-python
CMAKE_ARGS="-DGGML_CUDA=on" pip install -q llama-cpp-python --force-reinstall --no-cache-dir
PIP_NO_CACHE_DIR=1 pip install numpy
PIP_TARGET=libs pip install numpy
PIP_USER=1 pip install numpy
PIP_REQUIRE_VIRTUALENV=false python -m pip install numpy
A= pip install numpy
A='with space' B="$HOME" pip install numpy
PATH=@uv@/bin:$PATH pip install numpy
PATH="@uv@/bin:$PATH" python -m pip install numpy
PATH=$PWD/env/bin:$PATH pip install numpy
VIRTUAL_ENV=$PWD/env uv pip install numpy
UV_SYSTEM_PYTHON=1 uv pip install numpy
TMPDIR=/tmp pip install numpy && pip install pandas
env pip install numpy
env PIP_NO_CACHE_DIR=1 pip install numpy
env A=1 B=2 python -m pip install numpy
env -u PYTHONPATH pip install numpy
env -u PIP_USER -u PIP_TARGET python -m pip install numpy
env -i @venv@/bin/pip install numpy
env -i PATH="$PATH" pip install numpy
env PATH=@uv@/bin:$PATH pip install numpy
env -- pip install numpy
env - PATH="$PATH" pip install numpy
env -S "pip install numpy"
env
env FOO=bar
command pip install numpy
command python -m pip install numpy
command -v pip
command -V pip
builtin command pip install numpy
exec pip install numpy
exec python -m pip install numpy
exec pip install numpy; pip install pandas
exec env A=1 pip install numpy
(exec pip install numpy); pip install pandas
exec -a other pip install numpy
nohup pip install numpy
nohup pip install numpy > nohup.log 2>&1 &
nohup python -m pip install numpy &
time pip install numpy
time python -m pip install -r requirements.txt
time -p pip install numpy
time (pip install numpy; pip install pandas)
time -f %e pip install numpy
nice pip install numpy
nice -n 10 pip install numpy
nice -10 pip install numpy
ionice -c3 pip install numpy
timeout 300 pip install numpy
timeout -k 5 300 pip install numpy
timeout --signal=INT 5m pip install numpy
setsid pip install numpy
stdbuf -oL pip install numpy
stdbuf -o0 -e0 pip install numpy
sudo @venv@/bin/pip install numpy
sudo @kernel@ -m pip install numpy
sudo apt-get install -y graphviz
sudo apt-get update && pip install graphviz
sudo
A=1 env B=2 command nohup pip install numpy
time env A=1 nohup pip install numpy
command env pip install numpy
nohup nice -n 5 env A=1 python -m pip install numpy
env command pip install numpy
nohup time pip install numpy
eval pip install numpy
eval "pip install numpy"
eval 'pip install numpy && pip install pandas'
bash -c "pip install numpy"
bash -c 'pip install numpy && pip install pandas'
sh -c "cd proj && pip install -e ."
sh -ec 'pip install numpy; pip install pandas'
bash -c 'pip install "$1"' install numpy
bash -c "source env/bin/activate && pip install numpy"
/bin/bash -c "pip install numpy"
"""

VARIABLES = r"""
export PATH=@uv@/bin:$PATH; pip install numpy
export PATH="@uv@/bin:$PATH" && pip install numpy && which pip
export PATH=$PWD/env/bin:$PATH; pip install numpy; python -m pip list
export PATH="$HOME/myenv/bin:$PATH"; pip install numpy
export PATH=$PATH:@uv@/bin; pip install numpy
export PATH=~/myenv/bin:$PATH; pip install numpy
PATH=@uv@/bin:$PATH; pip install numpy
PATH=@uv@/bin:@managers@:@tools@ ; pip install numpy ; uv pip list
export PIP_NO_CACHE_DIR=1; pip install numpy
export CUDA_HOME=/usr/local/cuda && pip install flash-attn --no-build-isolation
export A=1 B=2 C; pip install numpy
unset PYTHONPATH; pip install numpy
unset PIP_USER PIP_TARGET && pip install numpy
PKG=numpy; pip install $PKG
PKG=numpy && pip install "$PKG"
PKG=numpy pip install $PKG
export PKG=numpy; pip install ${PKG}==1.24
PKGS="numpy pandas"; pip install $PKGS
PKGS="numpy pandas"; pip install "$PKGS"
pip install $UNSET numpy
pip install "$UNSET" numpy
pip install ${UNSET:-numpy}
pip install numpy==${VERSION:-1.24.4}
PIP=pip; $PIP install numpy
PIP="pip install"; $PIP numpy
PIP=pip3 && "$PIP" install numpy
PYTHON=@uv@/bin/python; $PYTHON -m pip install numpy
PYTHON=python3; ${PYTHON} -m pip install numpy
ENV=env; $ENV/bin/pip install numpy
ENV=env; source $ENV/bin/activate && pip install numpy
DIR=proj; cd $DIR && pip install -e .
DIR=proj; pip install -e "$DIR"
pip install $(cat requirements.txt)
pip install "$(cat one.txt)"
pip install `cat one.txt`
pip install torch-$(uname -m).whl
$(which pip) install numpy
`which python` -m pip install numpy
"$(which python)" -m pip install numpy
$(command -v python3) -m pip install numpy
PYTHON=$(which python); $PYTHON -m pip install numpy
$PYTHON -m pip install numpy
echo $(pip install numpy)
VERSION=$(pip show numpy | grep Version); echo $VERSION
echo "$(pip list | wc -l) packages"
OUT=`pip list`; pip install numpy
pip install numpy==$((1+1)).0
pip install $'numpy'
pip install $"numpy"
pip install "numpy$"
pip install '$PKG'
pip install "a\"b"
pip install a\ b
pip install "tab	inside" 'quo'"te"'d'
pip install émile "名前"
"""

DIRECTORIES = r"""
cd proj && pip install .
cd proj; pip install -r requirements.txt
cd proj && pip install -e . && cd .. && pip install numpy
cd ./proj && python -m pip install -e .
cd "dir with space" && pip install .
cd dir\ with\ space && pip install .
cd missing && pip install .
cd missing; pip install .
cd missing || pip install numpy
cd proj/src && pip install -e ..
cd proj && cd src && pip install -e ../..
cd .. && pip install numpy
cd / && pip install numpy
cd && pip install numpy
cd ~ && pip install numpy
cd ~/myenv && bin/pip install numpy
cd $HOME && pip install numpy
cd - ; pip install numpy
cd proj && pip install -e . && cd - && pip install numpy
cd env && bin/pip install numpy
cd env/bin && ./pip install numpy
cd env/bin; ./python -m pip install numpy
cd proj && ../env/bin/pip install .
cd -P proj && pip install .
pushd proj && pip install -e . && popd
pushd proj; pip install .; popd; pip install numpy
mkdir -p build && cd build && pip install ..
mkdir new; cd new; pip install numpy
rm -rf repo && git clone https://github.com/me/repo.git && cd repo && pip install .
cd shadow && python -m pip install numpy
cd shadow && pip install numpy
cd linked-proj && pip install -e .
cd linked-proj/.. && pip install numpy
cd linked-proj && . ../../env/bin/activate && pip install numpy
cd linked-proj && ../../env/bin/pip install numpy
cd linked-proj && cd .. && pip install numpy
cd linked-proj && cd -P .. && pip install numpy
command cd proj && pip install .
builtin cd proj && pip install .
env -C missing pip install .
env -C proj pip install .
"""

ACTIVATIONS = r"""
source env/bin/activate && pip install numpy
source env/bin/activate; pip install numpy
. env/bin/activate && pip install numpy
. env/bin/activate; python -m pip install numpy
. ./env/bin/activate && pip install -r requirements.txt && deactivate
source ./env/bin/activate && pip install numpy && pip list
source .venv/bin/activate && pip install numpy
. .venv/bin/activate && uv pip install numpy
source .venv/bin/activate && python -m pip install numpy && deactivate && pip install pandas
. env/bin/activate && . .venv/bin/activate && pip install numpy
source ~/myenv/bin/activate && pip install numpy
. ~/myenv/bin/activate; pip install numpy
source $HOME/myenv/bin/activate && pip install numpy
source "@with space@/bin/activate" && pip install numpy
. "@with space@/bin/activate" && pip install numpy
source @uv@/bin/activate && pip install numpy
. @moving@/bin/activate && pip install numpy
cd proj && source ../env/bin/activate && pip install -e .
cd proj && . ../env/bin/activate && pip install -e .
source missing/bin/activate && pip install numpy
source missing/bin/activate; pip install numpy
. missing/bin/activate; pip install numpy
env/bin/activate && pip install numpy
source activate && pip install numpy
source activate work && pip install numpy
source env/bin/activate
(. env/bin/activate && pip install numpy); pip install pandas
(source env/bin/activate; pip install numpy) && pip install pandas
{ . env/bin/activate; pip install numpy; }
python -m venv new && source new/bin/activate && pip install numpy
python -m venv new && . new/bin/activate && pip install -r requirements.txt
python3 -m venv new && new/bin/pip install numpy
python -m venv new; new/bin/python -m pip install numpy
python -m venv env && . env/bin/activate && pip install numpy
virtualenv new && . new/bin/activate && pip install numpy
virtualenv new -p python3 && source new/bin/activate && pip install numpy
uv venv && source .venv/bin/activate && uv pip install numpy
uv venv new; uv pip install numpy
conda activate work && pip install numpy
conda activate work; pip install numpy
conda activate work; conda install -y numpy
conda activate && pip install numpy
conda deactivate; pip install numpy
mamba activate work && mamba install -y numpy
micromamba activate work; micromamba install -y numpy
conda create -y -n new python=3.10 && conda activate new && pip install numpy
conda create -n gee python=3.8; conda activate gee; conda install geopandas
source ~/miniconda3/etc/profile.d/conda.sh && conda activate work && pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh; conda activate work; pip install numpy
. ~/miniconda3/etc/profile.d/conda.sh && conda activate work && conda install -y numpy
source ~/miniconda3/etc/profile.d/conda.sh; conda install -y numpy
source activate work; conda install -y numpy
pyenv activate work && pip install numpy
workon myenv && pip install numpy
poetry shell && pip install numpy
"""

UV = r"""
uv pip install pandas
uv pip install -q --system statsforecast mlforecast
uv pip install --system numpy
uv pip install --python @uv@/bin/python numpy
uv pip install --python=env numpy
uv pip install -p 3.11 numpy
uv pip install -p .venv numpy
uv pip install "numpy>=1.24" pandas
uv pip install numpy>=1.24
uv pip install -r requirements.txt
uv pip install -e .
uv pip install --target libs numpy
uv pip install --prefix p numpy
uv pip install git+https://github.com/PrunaAI/ai-efficiency-courses.git
uv pip install -qqq --upgrade unsloth vllm torchvision
uv pip sync requirements.txt
uv pip uninstall numpy
uv pip list
uv pip show numpy
uv pip freeze
uv pip check
uv pip tree
uv pip compile requirements.txt
uv --version
uv
uv help
uv -q pip install numpy
uv --no-cache pip install numpy
uv --directory proj pip install numpy
uv --project proj add numpy
uv add numpy
uv add "numpy>=1.24" --dev
uv add --script script.py numpy
uv remove numpy
uv sync
uv sync --all-extras
uv sync --active
uv lock
uv run python script.py
uv run script.py
uv run pip install numpy
uv run --with numpy python -c "import numpy"
uv run python -m pip install numpy
uv run -- pip list
uvx ruff check .
uvx --from jupyter-core jupyter lab
uv tool install ruff
uv tool run ruff
uv tool list
uv venv
uv venv --seed new
uv init
uv python install 3.12
uv python list
uv build
uv cache clean
uv self update
uv tree
uv export
cd proj && uv add numpy
cd proj && uv sync && uv run pytest
uv add numpy && uv sync
VIRTUAL_ENV=@uv@ uv pip install numpy
UV_PYTHON=@uv@/bin/python uv pip install numpy
python -m uv pip install numpy
python3 -m uv add numpy
@managers@/uv pip install numpy
"""

CONDA = r"""
conda install numpy
conda install -y numpy
conda install -y -c conda-forge openmm rdkit
conda install -c conda-forge python-dotenv -y
conda install --yes --file requirements.txt
conda install -y "numpy>=1.24" 'pandas<2'
conda install pillow>=9.0.0
conda install -y scikit-learn=1.2.2
conda install --prefix @conda@/envs/work -y numpy
conda install -p ./env -y numpy
conda install -n work -y numpy
conda install --name base numpy -y
conda install -n missing numpy
conda install --yes --prefix {sys.prefix} numpy
conda update -y conda
conda update --all -y
conda upgrade numpy
conda remove -y numpy
conda uninstall numpy -y
conda list
conda list numpy
conda list -n work
conda info
conda info --envs
conda env list
conda env create -f environment.yml
conda env update -f environment.yml
conda env update -n work --file environment.yml --prune
conda env remove -n work
conda env export > environment-new.yml
conda create -n new python=3.10 -y
conda create -y -p ./new python
conda search numpy
conda clean -ya
conda config --add channels conda-forge
conda init bash
conda --version
conda
conda run -n work pip install numpy
conda run -n work python -m pip install numpy
conda run -n work --no-capture-output pip install -r requirements.txt
conda run -p @conda@/envs/work pip install numpy
conda run --name work conda install -y numpy
conda run -n work python --version
conda run -n work python script.py
conda install -y numpy && pip install pandas
conda install -y pip; pip install numpy
mamba install bs4==4.10.0 -y
mamba install -y -q --override-channels -c conda-forge numpy
mamba install -n work numpy
mamba list
mamba env update -f environment.yml
mamba create -n new python
micromamba install -y -n base numpy
micromamba install -y -p @conda@/envs/work numpy
micromamba create -n new python
micromamba run -n work pip install numpy
micromamba list
pixi add numpy
pixi add --pypi requests
pixi remove numpy
pixi install
pixi run python script.py
pixi run pip install numpy
pixi global install ruff
pixi list
pixi init
cd proj && pixi add numpy
@conda@/bin/conda install -y numpy
@conda@/bin/pip install numpy
@conda@/envs/work/bin/pip install numpy
~/miniconda3/bin/conda install -y numpy
"""

OTHERS = r"""
pipx install ruff
pipx install --python python3 black
pipx run black .
pipx list
pipx inject ruff numpy
pipx upgrade-all
pipx uninstall ruff
pipx runpip ruff install numpy
python -m pipx install ruff
pipx ensurepath
poetry add numpy
poetry add "psycopg[binary]"
poetry add pandas tabulate -q
poetry add --group dev pytest
poetry add pandas --group dev
poetry remove numpy
poetry install
poetry install --no-root
poetry update
poetry run python script.py
poetry run pip install numpy
poetry show
poetry lock
poetry init -n
poetry --version
poetry env use python3
poetry -C proj add numpy
cd proj && poetry add numpy
pdm add numpy
pdm add -dG test pytest
pdm remove numpy
pdm install
pdm sync
pdm list
pdm run python script.py
pdm run pip install numpy
hatch env create
hatch run pip install numpy
hatch run test
hatch env show
hatch build
hatch version
hatch shell
easy_install numpy
easy_install -U pip
python -m easy_install numpy
pip install poetry && poetry install
pip install uv && uv pip install numpy
pip install pipx && pipx install ruff
"""

NOTHING = r"""
echo pip install numpy
echo "pip install numpy"
echo 'pip install numpy' > install.sh
echo "run: pip install numpy && pip install pandas"
printf "pip install %s\n" numpy
# pip install numpy
#pip install numpy
ls # pip install numpy
: pip install numpy
true pip install numpy
false pip install numpy
which pip
which -a pip python
type pip
hash pip
whereis pip
ls pip*
ls -la env/bin/pip
cat env/bin/pip
cat pip.txt
head -1 env/bin/pip
grep pip requirements.txt
grep -r "pip install" proj
find . -name "pip*"
cp pip.txt pip2.txt
mkdir pip
touch pip
rm -f pip
chmod +x setup.sh
test -x env/bin/pip
[ -x env/bin/pip ]
git clone https://github.com/pypa/pip
git clone https://github.com/pypa/pip.git && cd pip && ls
git add pip && git commit -m "pip install numpy"
git commit -m 'pip install numpy; conda install pandas'
git log --grep=pip
cd pip
cd proj && ls
apt-get install -y python3-pip
sudo apt-get install python3-pip
apt install -y pipx
brew install uv
yum install python3-pip
npm install pip
docker run python pip install numpy
docker exec box pip install numpy
ssh host pip install numpy
wget https://bootstrap.pypa.io/get-pip.py
curl https://bootstrap.pypa.io/get-pip.py -o get-pip.py
python --version
python -V
python -c "print('pip install numpy')"
python -c "import pip; print(pip.__version__)"
python -c 'print(1)' -m pip install numpy
python script.py pip install numpy
python script.py -m pip
python script.py
python -m timeit -n 1 1+1
python -m this pip
python - < script.py
nvidia-smi
jupyter labextension list
jupyter kernelspec list
PIP=pip
export PIP="pip install"
alias pip=pip3
alias pip='python -m pip'
unset pip
pwd
date; ls
echo $PATH | tr ':' '\n' | grep pip
echo pip | cat
echo pip install numpy | cat
echo "a; pip install numpy"
echo a\; pip install numpy
echo 'a' 'b && pip install numpy'
echo \; pip install numpy
echo "$(echo pip install numpy)"
echo ${PIP:-pip install numpy}
A="pip install numpy"
A=pip B=install
time ls
env A=1 ls
nohup ls pip
xargs echo pip < requirements.txt
cat requirements.txt | xargs echo pip install
for p in pip conda; do echo $p install; done
if [ "pip" = "pip" ]; then echo pip; fi
case pip in pip) echo yes;; *) echo no;; esac
pip() { echo mine; }
f() { pip install numpy; }
/bin/true pip install numpy
./missing/pip install numpy
missing/bin/python -m pip install numpy
./pip.txt install numpy
pip-compile requirements.txt
pipenv install numpy
piping install numpy
pip4 install numpy
pip2.7 install numpy
pipe install numpy
Pip install numpy
PIP install numpy
pip_install numpy
pipreqs .
condax install numpy
kaggle datasets download -d me/pip
sed -i 's/pip/conda/' pip.txt
awk '/pip install/ {print}' pip.txt
make install
tar -xf pip.tar
sleep-not-there; ls
"""

LOOPS = r"""
for p in numpy pandas; do pip install $p; done
for p in numpy pandas; do pip install "$p" || echo failed; done
for p in numpy pandas scipy; do python -m pip install -q $p; done
for f in wheels/*.whl; do pip install $f; done
for i in 1 2; do pip list; done
for p in $(cat requirements.txt); do pip install $p; done
for env in env .venv; do $env/bin/pip install numpy; done
while read p; do pip install $p; done < requirements.txt
cat requirements.txt | while read p; do pip install "$p"; done
while false; do pip install numpy; done
until pip install numpy; do break; done
until true; do pip install numpy; done
while true; do pip install numpy; break; done
for i in 1 2 3; do pip install numpy && break; done
case linux in linux) pip install numpy;; *) pip install pandas;; esac
case "$(uname)" in Linux) pip install numpy;; esac
f() { pip install "$1"; }; f numpy
f() { pip install numpy; }; f; f
function f { pip install numpy; }; f
install() { pip install "$@"; }; install numpy pandas
pip() { python -m pip "$@"; }; pip install numpy
alias p=pip; p install numpy
alias pip=pip3; pip install numpy
"""

# What the text and the files around it do not tell: scripts that are not looked into, the PATH that `sudo` sets.
UNDECIDABLE = r"""
sudo pip install numpy
sudo pip3 install numpy
sudo -H pip install --upgrade pip
sudo -E pip install numpy
sudo -u root pip install numpy
sudo -- pip install numpy
sudo python -m pip install numpy
sudo PIP_USER=0 pip install numpy
sudo env A=1 pip install numpy
sudo -i pip install numpy
bash -lc "@venv@/bin/pip install numpy"
bash <<< "pip install numpy"
echo "pip install numpy" | bash
bash env/bin/activate && pip install numpy
curl -LsSf https://astral.sh/uv/install.sh | sh && uv pip install numpy
eval "$(conda shell.bash hook)" && conda activate work && pip install numpy
eval "$X"
eval $INSTALL_COMMAND
$CMD install numpy
$(cat command.txt)
. ./setup-vars.sh && pip install numpy
source setup-path.sh; pip install numpy
bash setup.sh
sh setup.sh
sh ./setup.sh numpy
bash < setup.sh
cat setup.sh | sh
. ./setup.sh
source setup-vars.sh
xargs -a requirements.txt pip install
trap 'pip install numpy' EXIT; ls
./setup.sh
python install.py
python -c "import os; os.system('pip install numpy')"
find . -name requirements.txt -exec pip install -r {} \;
cmake . && make
"""

CELLS = r"""
pip install -q transformers==4.45.2 datasets==3.0.1 \
    pyyaml==6.0.2 accelerate==0.34.2

pip install \
  numpy \
  pandas

uv pip install --system \
    "numpy==1.26" \
    "pandas==2.2"

pip install numpy \
  && pip install pandas \
  && pip list

pip \
install numpy

pi\
p install numpy

pip install numpy
pip install pandas
pip install scipy

pip install -U pip
# pip install numpy
pip install pandas  # the other one

cd proj
pip install -e .
cd ..
pip list

set -e
source env/bin/activate
pip install numpy
python -c "import sys; print(sys.prefix)"

. env/bin/activate
pip install numpy
deactivate
pip install pandas

export PATH="$PWD/env/bin:$PATH"
pip install numpy
which pip

if [ -f requirements.txt ]
then
    pip install -r requirements.txt
else
    pip install numpy
fi

for package in numpy pandas
do
    pip install "$package"
done

cat <<EOF > install.sh
pip install numpy
EOF
ls

cat > setup2.sh <<'EOF'
#!/bin/bash
pip install numpy && pip install pandas
EOF
chmod +x setup2.sh

cat <<-EOF
	pip install numpy
	EOF

cat << "END OF FILE" && pip install pandas
pip install numpy
END OF FILE

bash <<EOF
pip install numpy
EOF

bash <<'EOF'
cd proj
pip install -e .
EOF

pip install -r /dev/stdin <<EOF
numpy
pandas
EOF

python - <<EOF
print("pip install numpy")
EOF

python3 <<'PY'
import os
print("!pip install numpy")
PY

cat <<EOF
$(pip list)
EOF

echo "
pip install numpy
"

echo 'pip install numpy
pip install pandas'
pip list

pip install "numpy" \
# pip install pandas
pip install scipy

(
  cd proj
  pip install -e .
)
pip install numpy

{
  pip install numpy
  pip install pandas
} > log.txt 2>&1

pip install numpy &&
pip install pandas

pip install numpy ||
  python -m pip install numpy

pip list |
  grep numpy

#!/bin/bash
pip install numpy

apt-get update -qq
apt-get install -y -qq graphviz > /dev/null
pip install -q graphviz

git clone https://github.com/me/repo.git
cd repo
pip install -r requirements.txt
pip install -e .

conda create -y -n new python=3.11
conda activate new
conda install -y numpy

f() {
  pip install numpy
}
f

pip install numpy &
pip install pandas &
wait

python -m venv new
. new/bin/activate
python -m pip install --upgrade pip
pip install numpy

VERSION=1.24.4
pip install numpy==$VERSION
pip install "pandas==${VERSION}"

pip install numpy; exit
pip install pandas

if pip install numpy
then
  echo fine
else
  pip install --user numpy
fi

case "$1" in
  gpu) pip install torch;;
  *) pip install numpy;;
esac

uv venv
. .venv/bin/activate
uv pip install numpy
"""
