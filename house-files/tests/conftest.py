"""Files of sales, made up for each test."""

from sales_files import in_de_cocks_style, make_sale, sales_rows, write_sales

__all__ = ["in_de_cocks_style", "make_sale", "sales_rows", "write_sales"]
