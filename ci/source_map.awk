# SPDX-License-Identifier: Apache-2.0
# FILE<tab>WHAT IT IS of each of the given sources: the first sentence of the comment that stands below its license.
function print_file() {
	if (file == "") return
	sub(/^\/\*+ */, "", text); sub(/ *\*\/.*$/, "", text); sub(/\. .*$/, "", text); sub(/\.$/, "", text)
	sub(/^src\//, "", file)
	print file "\t" text
	file = ""
}
FNR == 1 { print_file(); file = FILENAME; text = ""; inside = 0; ended = 0; next }
ended { next }
FNR == 2 && !/^\/\*/ { ended = 1; next }
{ line = $0; sub(/^ \* ?/, "", line); text = text (text == "" || text == "/*" ? "" : " ") line; if (/\*\//) ended = 1 }
END { print_file() }
