#!/usr/bin/env bash
# Makes sure that this machine has what the tests need. Where all is there it is done at once and asks no network.
# On Debian and its kin, as root or with sudo, it installs what is missing; elsewhere it names it and fails, because a
# test that was left out for want of a program looks just like one that passed.
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin

missing=() # Debian packages
reasons=() # what each of them is for

# need PACKAGES PURPOSE TEST: what to install, what for, and the command that succeeds where it is there already.
need() {
	if ! (eval "$3") >/dev/null 2>&1; then
		# The packages of one need stand in one word.
		# shellcheck disable=SC2206
		missing+=($1)
		reasons+=("$1: $2")
	fi
}

# Every need of the tests is one line here.
needs() {
	missing=() reasons=()
	need 'ca-certificates' 'downloading modules' \
		'[ "$(uname)" != Linux ] || [ -n "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] || ls /etc/ssl/certs/ca-certificates.crt || ls /etc/pki/tls/certs/ca-bundle.crt || ls /etc/ssl/cert.pem'
	need 'git' 'the version, and checks of the source' 'command -v git'
	need 'gcc libc6-dev' 'the race detector' 'echo "#include <stdlib.h>" | ${CC:-gcc} -x c -c -o /dev/null -'
	# Only the program: Debian's mariadb-server would add a service, and the tests start a server of their own.
	need 'mariadb-server-core mariadb-client-core' "the store's tests on MySQL" \
		'command -v mariadbd && command -v mariadb-install-db && command -v my_print_defaults'
	need 'postgresql' 'the Temporal cluster that several machines are tried on' \
		'ls /usr/lib/postgresql/*/bin/postgres || (command -v postgres && command -v initdb)'
	need 'systemd' 'checking the units in deploy/' 'command -v systemd-analyze'
	need 'chromium fontconfig fonts-noto-cjk' "the reports' charts in a browser" \
		'(command -v chromium || command -v chromium-browser || command -v google-chrome) && fc-list :lang=zh | grep -q .'
}

fail() {
	{
		echo "setup: $1"
		printf '  %s\n' "${reasons[@]}"
	} >&2
	exit 1
}

needs
if [ ${#missing[@]} -eq 0 ]; then
	exit 0
fi

if ! command -v apt-get >/dev/null; then
	fail 'this machine lacks the following (by the names Debian gives them); install it and run again'
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null; then
		fail "this machine lacks the following; as root run: apt-get install ${missing[*]}"
	fi
	as_root=(sudo)
	# Nobody is there to type a password.
	[ -t 0 ] || as_root+=(-n)
	"${as_root[@]}" true || fail "this machine lacks the following; as root run: apt-get install ${missing[*]}"
fi

apt() {
	"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 "$@"
}

echo "setup: installing ${missing[*]}"
apt update || fail 'the package lists cannot be fetched, and this machine lacks'
apt install -y --no-install-recommends "${missing[@]}" || fail 'installing failed, and this machine lacks'

needs
if [ ${#missing[@]} -ne 0 ]; then
	fail 'installed, but still not usable'
fi
