"""The addresses of the routes for prices."""

PREDICT = "/api/v1/price/predict"
BATCH = "/api/v1/price/predict/batch"
MODEL = "/api/v1/price/model"
