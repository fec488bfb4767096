# codes.awk - turns codes.tsv into the C table that codes.c searches; refuses a file it cannot trust.
#
#     awk -f providers/codes.awk providers/codes.tsv >codes_table.h

function die(message) {
	print FILENAME ":" FNR ": " message >"/dev/stderr"
	failed = 1
	exit 1
}

function field(name) {
	if (!(name in column))
		die("there is no column " name)
	return $column[name]
}

function text(name,  s) {
	s = field(name)
	if (s == "")
		die(name " is empty")
	gsub(/\\/, "\\\\", s)
	gsub(/"/, "\\\"", s)
	return "\"" s "\""
}

function flag(name,  s) {
	s = field(name)
	if (s != "yes" && s != "no")
		die(name " is neither yes nor no")
	return s == "yes" ? "true" : "false"
}

BEGIN {
	FS = "\t"
	split("other-carrier back-off end opted-out landline ask-carrier note", names, " ")
	for (i in names) {
		c_name = "HANDLING_" toupper(names[i])
		gsub(/-/, "_", c_name)
		handling[names[i]] = c_name
	}
}

FNR == 1 {
	for (i = 1; i <= NF; i++)
		column[$i] = i
	columns = NF
	print "/* codes_table.h - made by codes.awk from codes.tsv; ordered by carrier, then code. */"
	print "static const struct code codes_table[] = {"
	next
}

{
	if (NF != columns)
		die(NF " columns, not " columns)
	key = field("carrier") "\t" field("code")
	if (FNR > 2 && key <= last)
		die("not in order of carrier and code, or twice")
	last = key
	if (!(field("handling") in handling))
		die("unknown handling: " field("handling"))
	if (field("sentence") !~ /[.]$/)
		die("the sentence does not end with a full stop")
	if (flag("never_left") == "true" && field("handling") !~ /^(other-carrier|back-off)$/)
		die("never_left invites the other carrier, but handling does not")
	print "\t{"
	print "\t\t.carrier = " text("carrier") ","
	print "\t\t.code = " text("code") ","
	print "\t\t.title = " text("title") ","
	print "\t\t.class_name = " text("class") ","
	print "\t\t.sentence = " text("sentence") ","
	print "\t\t.handling = " handling[field("handling")] ","
	print "\t\t.alarm = " flag("alarm") ","
	print "\t\t.never_left = " flag("never_left") ","
	print "\t},"
}

END {
	if (!failed)
		print "};"
}
