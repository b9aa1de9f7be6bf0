"""What tables that people make have in common, for who reads them (``tableur``) and who checks them (``checking``): the
names of fields, what names of columns mean, the template. No page, no table, no reading of files.
"""
