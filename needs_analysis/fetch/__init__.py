"""The one room that asks the network: official files from their sites, tables from ISTAT's service."""
