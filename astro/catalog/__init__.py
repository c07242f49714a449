"""What is sold, and who makes and delivers it: brands, products, barcodes, prices, distributors.

Brands and distributors are everyone's. A product is everyone's or one store's own; so are its barcodes and prices.
Barcodes are GTIN-14 and are rows, because a product changes its code; prices are rows, because a reward is judged by
the price of its day.
"""
