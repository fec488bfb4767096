# zones.awk - turns area_zones.tsv into the C table that zone.c reads; refuses a file it cannot trust.
#
#     awk -f providers/zones.awk providers/area_zones.tsv >zones_table.h

function die(message) {
	print FILENAME ":" FNR ": " message >"/dev/stderr"
	failed = 1
	exit 1
}

BEGIN {
	FS = "\t"
}

FNR == 1 {
	if ($0 != "area\tzones")
		die("the columns are area and zones")
	print "/* zones_table.h - made by zones.awk from area_zones.tsv; indexed by area code. */"
	print "static const char *const zones_table[1000] = {"
	next
}

{
	if (NF != 2)
		die(NF " columns, not 2")
	if ($1 !~ /^[2-9][0-9][0-9]$/)
		die("not an area code: " $1)
	if (FNR > 2 && $1 <= last)
		die("not in order, or twice")
	last = $1
	n = split($2, zones, " ")
	if (n < 1)
		die("no zone")
	for (i = 1; i <= n; i++)
		if (zones[i] !~ /^[A-Z][A-Za-z]+\/[A-Z][A-Za-z_]+$/)
			die("not the name of a zone: " zones[i])
	print "\t[" $1 "] = \"" $2 "\","
}

END {
	if (!failed)
		print "};"
}
