"""Reading a list out of a file, row by row, whatever a store's old system wrote.

Pure: a file that can be read and sought goes in, rows of text come out. Nothing here knows what a customer is, no file
is ever held whole, and whatever arrives (noise, half a file, a spreadsheet that unpacks to a house) ends in rows, in
rows with a sentence of what is wrong with them, or in one `Unreadable`.

`tables` is the way in, `letters` finds out how the text is written, `csv_rows` and `xlsx_rows` read the two forms,
`headings` finds the row that names the columns.
"""
