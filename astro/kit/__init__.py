"""What knows no pet and no store: ids, clocks, money, phones, barcodes, tables, the outbox, and how pages look."""
