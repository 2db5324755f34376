#!/bin/sh
# Takes in published descriptions: merges them, and generates, indexes and
# compiles a client in a folder of its own, which is replaced only if all that
# succeeds. Run it as make generate FABRIC=… REST=… (see README.md).
set -eu
out=$1
shift
api=$(dirname "$0") # As given, for the places in the report.
root=$(cd "$api/.." && pwd)
case $out in "" | / | . | .. | api | gen | wrapper)
	echo "OUT=$out: choose a folder that holds nothing else, such as .regenerated" >&2
	exit 2
	;;
esac
if [ -e "$out" ] && [ ! -e "$out/REPORT.md" ]; then
	echo "$out: is there and was not made by this command; choose another OUT" >&2
	exit 2
fi
mkdir -p "$(dirname "$out")"
new=$(mktemp -d "$(dirname "$out")/.taking-in.XXXXXX")
trap 'rm -rf "$new"' EXIT
new=$(cd "$new" && pwd)
mkdir "$new/gen" "$new/program"

# Built first, so that only one of them is busy at a time.
go build -C "$root" -o "$new/program/" ./api/merge ./api/index github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen
# The files beside the generated one, and the names that they take.
for file in "$root"/gen/*.go; do
	case ${file##*/} in generate.go | signalwire.gen.go | *_test.go) continue ;; esac
	cp "$file" "$new/gen/"
done
taken=$(printf " -beside $api/../gen/%s" $(ls "$new/gen"))
# shellcheck disable=SC2086 # $taken is several words
"$new/program/merge" -foreign -shipped "$api/openapi.yaml" -overlay "$api/overlay.yaml" \
	-config "$api/../oapi-config.yaml" -config-out "$new/oapi-config.yaml" $taken \
	-out "$new/openapi.yaml" -json "$new/openapi.json" -report "$new/REPORT.md" "$@"
cp -R "$root/gen/templates" "$new/gen/templates"
(cd "$new/gen" && ../program/oapi-codegen -config ../oapi-config.yaml ../openapi.yaml)
rm -r "$new/gen/templates"
"$new/program/index" -description "$new/openapi.json" -client "$new/gen/signalwire.gen.go" -out "$new/INDEX.md"
rm -r "$new/program"
go build -C "$root" "$new"/gen/*.go || {
	echo "the client does not compile; a name that nothing declares twice (x-go-name, x-go-type-name) in api/overlay.yaml settles most of this" >&2
	exit 1
}

operations=$(sed -n 's/^\([0-9]*\) operations.*/\1/p' "$new/INDEX.md")
rm -rf "$out"
mv "$new" "$out"
trap - EXIT
echo "$out: $operations operations; read $out/REPORT.md"
